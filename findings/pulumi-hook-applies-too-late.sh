#!/usr/bin/env bash
# Guess:    a before-update hook gets a resource's inputs as plain values, or as outputs; a check that raises in it, directly or
#           in an apply(), keeps the update from being made.
# Happens:  an input is plain, unless something in it is a secret: then it is an Output as a whole. What its apply() raises comes
#           after the hook has reported success: the engine goes on, and the program fails only afterwards. Only a hook that is
#           `async` and awaits the output's future() stops it. A dynamic provider's `__provider` is among them.
# Versions: pulumi 3.272.0 (Python SDK).
# Seen:     with a resource monitor that calls the hook before it registers a resource, as the engine does. Date: 2026-11-28.
# Needs:    bash, python3 with venv and pip, a package index; no Pulumi CLI.
set -euo pipefail
folder=$(mktemp -d)
unset PYTHONPATH
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet --disable-pip-version-check pulumi==3.272.0
cat > "$folder/run.py" <<'PROGRAM'
import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

import grpc
import pulumi
from google.protobuf.empty_pb2 import Empty
from pulumi.dynamic import Resource, ResourceProvider
from pulumi.runtime import proto, run_in_stack
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, engine_pb2_grpc, resource_pb2, resource_pb2_grpc
from pulumi.runtime.settings import Settings, configure

hooks, errors, types = {}, [], {}


class Monitor(resource_pb2_grpc.ResourceMonitorServicer, engine_pb2_grpc.EngineServicer):
    """Calls the before-update hooks of a resource, notes what they say, and registers it."""

    def SupportsFeature(self, request, context):
        return proto.SupportsFeatureResponse(hasSupport=True)

    def RegisterResourceHook(self, request, context):
        hooks[request.name] = request.callback
        return Empty()

    def RegisterResource(self, request, context):
        for name in request.hooks.before_update:
            given = resource_pb2.ResourceHookRequest(urn="urn:example", id="id", name=request.name, new_inputs=request.object)
            with grpc.insecure_channel(hooks[name].target) as channel:
                call = callback_pb2.CallbackInvokeRequest(token=hooks[name].token, request=given.SerializeToString())
                response = callback_pb2_grpc.CallbacksStub(channel).Invoke(call, timeout=30).response
            errors.append(resource_pb2.ResourceHookResponse.FromString(response).error)
        return proto.RegisterResourceResponse(urn=f"urn:{request.name}", id="id", object=request.object)

    def RegisterResourceOutputs(self, request, context):
        return Empty()

    def Log(self, request, context):
        return Empty()

    def GetRootResource(self, request, context):
        return proto.GetRootResourceResponse()

    def SetRootResource(self, request, context):
        return proto.SetRootResourceResponse()


class Store(Resource):
    pass


def refuse(config):
    raise ValueError(f"{config['host']} is not allowed")


def plain(args):
    types.update({name: type(value).__name__ for name, value in args.new_inputs.items()})
    args.new_inputs["config"].apply(refuse)


async def waiting(args):
    refuse(await args.new_inputs["config"].future())


def program(check):
    def declare():
        binding = pulumi.ResourceHookBinding(before_update=[pulumi.ResourceHook("check", check)])
        config = {"host": "redis.example.com", "password": pulumi.Output.secret("example")}
        Store(ResourceProvider(), "store", {"config": config, "on": True}, pulumi.ResourceOptions(hooks=binding))

    return declare


def outcome(check):
    """What the engine learns of the hook, and what becomes of the program."""
    errors.clear()
    configure(Settings(project="example", stack="dev", monitor=address, engine=address))
    try:
        asyncio.run(run_in_stack(program(check)))
    except Exception as error:
        return errors[0], str(error).splitlines()[-1]
    return errors[0], "ends well"


server = grpc.server(ThreadPoolExecutor(4))
for add in (resource_pb2_grpc.add_ResourceMonitorServicer_to_server, engine_pb2_grpc.add_EngineServicer_to_server):
    add(Monitor(), server)
address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
server.start()
seen = outcome(plain), outcome(waiting)
print("pulumi", version("pulumi"), "inputs in a hook:", types)
for name, (told, end) in zip(("apply()", "await"), seen):
    print(f"{name}: the engine is told {told!r}; the program: {end}")
same_types = {"config": "Output", "on": "bool", "__provider": "Output"}
told = [each for each, _ in seen]
sys.exit(types != same_types or told != ["", "redis.example.com is not allowed"])
PROGRAM
"$folder/environment/bin/python" "$folder/run.py"
echo "as found"
