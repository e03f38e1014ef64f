"""Validates documents against LEFI's published OpenAPI description.

Usage: lefi_schema.py OPENAPI.yaml < LINES
Each line of standard input is a JSON list: [schema's name, document]. Fields that the schema does not name count as
errors. Ends with status 1 and a message at the first line that does not follow the schema.
Needs PyYAML and jsonschema.
"""

import json
import sys

import yaml
from jsonschema import Draft202012Validator


def main() -> int:
    with open(sys.argv[1], encoding="utf-8") as source:
        # Dates in examples stay texts.
        description = yaml.load(source, Loader=yaml.BaseLoader)
    schemas = description["components"]["schemas"]
    for schema in schemas.values():
        tidy(schema)
    for number, line in enumerate(sys.stdin.readlines(), 1):
        name, document = json.loads(line)
        whole = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
        errors = list(Draft202012Validator(whole).iter_errors(document))
        if errors:
            where = "/".join(str(step) for step in errors[0].absolute_path)
            print(f"line {number}, {name}, {where}: {errors[0].message}", file=sys.stderr)
            return 1
    return 0


def tidy(schema: dict) -> None:
    """Numbers and booleans back from the texts that BaseLoader leaves; unnamed fields forbidden."""
    for bound in ("minimum", "maximum"):
        if bound in schema:
            schema[bound] = float(schema[bound])
    for length in ("minItems", "maxItems", "minLength", "maxLength"):
        if length in schema:
            schema[length] = int(schema[length])
    if "uniqueItems" in schema:
        schema["uniqueItems"] = schema["uniqueItems"] == "true"
    if schema.get("type") == "integer" and "enum" in schema:
        schema["enum"] = [int(value) for value in schema["enum"]]
    if schema.get("type") == "object":
        schema["additionalProperties"] = False
        for inner in schema.get("properties", {}).values():
            tidy(inner)
    if schema.get("type") == "array":
        tidy(schema["items"])


if __name__ == "__main__":
    sys.exit(main())
