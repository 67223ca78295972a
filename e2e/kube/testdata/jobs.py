"""Reads a JSON list of decorator texts; prints the job that Metaflow makes of each, or why it refuses."""

import json
import sys

from kubernetes import client
from metaflow.metaflow_config import KUBERNETES_SECRETS
from metaflow.plugins.kubernetes.kube_utils import parse_kube_keyvalue_list
from metaflow.plugins.kubernetes.kubernetes_job import KubernetesJob


class Store:
    TYPE = "s3"


class Client:
    def get(self):
        return client


def job(text, number):
    names = {}
    exec("from metaflow import kubernetes, resources, retry, step\n" + text + "\n@step\ndef train(self):\n    pass\n", names)
    decos = names["train"].decorators
    for d in decos:
        d.external_init()
    for d in decos:
        d.step_init(None, None, "train", decos, None, Store, None)
    deco = next(d for d in decos if d.name == "kubernetes")
    a = dict(deco.attributes)
    for dropped in ("compute_pool", "hostname_resolution_timeout", "executable", "tmpfs_tempdir"):
        del a[dropped]
    # On its way through the command line everything becomes a text.
    for name in ("cpu", "memory", "disk", "gpu", "tmpfs_size", "shared_memory", "port"):
        a[name] = None if a[name] is None else str(a[name])
    secrets = a.pop("secrets") or []
    a["secrets"] = [secrets] if isinstance(secrets, str) else secrets
    if a["node_selector"]:
        a["node_selector"] = parse_kube_keyvalue_list(["=".join([k, str(v)]) if v else k for k, v in a["node_selector"].items()])
    a["labels"] = {**a["labels"], "app.kubernetes.io/name": "metaflow-task", "app.kubernetes.io/part-of": "metaflow"}
    told = {"flow_name": "TrainFlow", "run_id": "1", "step_name": "train", "task_id": str(number), "attempt": "0", "user": "tester"}
    a["annotations"] = {**a["annotations"], **{"metaflow/" + k: v for k, v in told.items()}}
    made = KubernetesJob(
        Client(), generate_name="t-%d-" % number, command=["true"], timeout_in_seconds=deco.run_time_limit, retries=0, step_name="train", **a
    ).create()
    return client.ApiClient().sanitize_for_serialization(made._job)


answers = []
for number, text in enumerate(json.load(sys.stdin)):
    try:
        answers.append({"job": job(text, number)})
    except Exception as e:
        answers.append({"error": "%s: %s" % (type(e).__name__, e)})
json.dump(answers, sys.stdout)
