"""Expands template.yaml the way CloudFormation's serverless transform does, and prints the result as JSON.

Circular dependencies between resources are visible only there, so cfn-lint must see the expansion too.
Usage: expand-template.py TEMPLATE
"""

import json
import sys

from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
import boto3

# The transform needs uploaded code and a region; neither is contacted.
CODE = "s3://bucket/code.zip"
REGION = "eu-central-1"


def expand(path):
    with open(path, encoding="utf-8") as file:
        template = yaml_parse(file.read())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = CODE
    session = boto3.Session(region_name=REGION)
    return Translator({}, Parser(), boto_session=session).translate(template, {"Architecture": "arm64"})


print(json.dumps(expand(sys.argv[1]), indent=2))
