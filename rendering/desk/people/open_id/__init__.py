"""The log-in with the company's accounts, by OpenID Connect: off unless the environment names a provider.

django-allauth does the code flow. Here are what it lacks (`provider`: a nonce, tokens that are checked), what people
become here (`members`), who comes in and what errors look like (`adapters`), and the two addresses (`views`).
"""
