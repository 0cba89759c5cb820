"""What shops and catalogs demand of a picture: facts measured in a file, rules, names and shipped profiles. Pure."""
