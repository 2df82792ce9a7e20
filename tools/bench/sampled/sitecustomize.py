"""Lets py-spy sample each Python process that a profiled command starts; Python imports this module on its own.

``BENCH_SAMPLES`` names the folder for the samples, and ``BENCH_SAMPLER`` the sampler.
"""

import ctypes
import os
import subprocess
import time

ALLOW_TRACER = 0x59616D61
"""``PR_SET_PTRACER`` of Linux: by default only a parent may trace a process, and the sampler is a child."""

folder, sampler = os.environ.pop("BENCH_SAMPLES", ""), os.environ.get("BENCH_SAMPLER", "")
if folder:
    ctypes.CDLL(None).prctl(ALLOW_TRACER, ctypes.c_ulong(-1), 0, 0, 0)
    command = [sampler, "record", "--pid", str(os.getpid()), "--gil", "--rate", "500", "--format", "raw"]
    output = f"{folder}/{os.getpid()}"
    with open(f"{output}.log", "w") as log:
        process = subprocess.Popen([*command, "--output", f"{output}.samples"], stdout=log, stderr=log)
    # It announces itself once it has attached: what runs before that would be in no sample.
    while not os.path.getsize(f"{output}.log") and process.poll() is None:
        time.sleep(0.001)
