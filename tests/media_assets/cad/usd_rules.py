"""Prints what USD's own validators say about files, as JSON. A program of its own: USD and Blender share no process."""

from __future__ import annotations

import json
import sys

from pxr import Usd, UsdValidation


def main(paths: list[str]) -> None:
    validators = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
    said = {}
    for path in paths:
        errors = UsdValidation.ValidationContext(validators).Validate(Usd.Stage.Open(path))
        said[path] = [f"{error.GetName()}: {error.GetMessage()}" for error in errors]
    names = [str(validator.GetMetadata().name) for validator in validators]
    print(json.dumps({"said": said, "validators": names}))


if __name__ == "__main__":
    main(sys.argv[1:])
