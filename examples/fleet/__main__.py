"""The program of one stack, for people: ``pulumi preview --stack payments``. ``fleet.py`` deploys all of them."""

from pathlib import Path

import pulumi
from stores import Fleet, declare

project = pulumi.get_stack()
declare(project, Fleet.read(Path(__file__).with_name("fleet.yaml")).projects[project])
