"""Reads a JSON list of decorator texts; prints what Metaflow makes of each: what the container and the pod of its job have."""

import json
import os
import sys

from metaflow.metaflow_config import KUBERNETES_SECRETS
from metaflow.plugins.kubernetes.kube_utils import parse_kube_keyvalue_list, qos_requests_and_limits


class Store:
    TYPE = "s3"


def asked(text):
    names = {}
    exec("from metaflow import kubernetes, resources, retry, step\n" + text + "\n@step\ndef train(self):\n    pass\n", names)
    decos = names["train"].decorators
    for d in decos:
        d.external_init()
    for d in decos:
        d.step_init(None, None, "train", decos, None, Store, None)
    a = next(d for d in decos if d.name == "kubernetes").attributes
    requests, limits = qos_requests_and_limits(a["qos"], a["cpu"], a["memory"], a["disk"])
    extended = a["extended_resources"] or {}
    requests, limits = {**requests, **extended}, {**limits, **extended}
    if a["gpu"] is not None:
        limits["%s.com/gpu" % a["gpu_vendor"]] = str(a["gpu"])
    selector = a["node_selector"]
    if selector:
        selector = parse_kube_keyvalue_list(["=".join([k, str(v)]) if v else k for k, v in selector.items()])
    secrets = a["secrets"]
    secrets = [] if not secrets else [secrets] if isinstance(secrets, str) else list(secrets)
    tmpfs = a["use_tmpfs"] or a["tmpfs_size"]
    return {
        "requests": {**{k: str(v) for k, v in limits.items()}, **{k: str(v) for k, v in requests.items()}},
        "limits": {k: str(v) for k, v in limits.items()},
        "nodeSelector": selector or {},
        "tolerations": a["tolerations"] or [],
        "namespace": a["namespace"],
        "serviceAccount": a["service_account"] or "",
        "secrets": sorted({k for k in secrets + KUBERNETES_SECRETS.split(",") if k}),
        "pullSecrets": list(a["image_pull_secrets"] or []),
        "claims": a["persistent_volume_claims"] or {},
        "labels": {k: v or "" for k, v in a["labels"].items()},
        "annotations": {k: v or "" for k, v in a["annotations"].items()},
        "image": a["image"],
        "port": int(a["port"] or 0),
        "sharedMemory": int(a["shared_memory"] or 0),
        "tmpfs": int(a["tmpfs_size"]) if tmpfs else 0,
    }


answers = []
for text in json.load(sys.stdin):
    try:
        answers.append(asked(text))
    except Exception as e:
        answers.append({"error": "%s: %s" % (type(e).__name__, e)})
json.dump(answers, sys.stdout)
