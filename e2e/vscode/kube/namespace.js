// A namespace of the cluster for one test file, with the secrets that tasks need. Python has the client of Kubernetes anyway: Metaflow launches with it.

'use strict';
const { execFileSync } = require('node:child_process');

const program = `
import sys
from kubernetes import client, config

config.load_kube_config()
core = client.CoreV1Api()
what, name, source, secrets = sys.argv[1:5]
if what == "delete":
    core.delete_namespace(name)
else:
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=name, labels={"flowls": "e2e"})))
    for secret in filter(None, secrets.split(",")):
        found = core.read_namespaced_secret(secret, source)
        core.create_namespaced_secret(name, client.V1Secret(metadata=client.V1ObjectMeta(name=secret), data=found.data, type=found.type))
`;

class Namespace {
  /** @param {string} python an interpreter with Metaflow and `kubernetes` */
  constructor(python) {
    this.python = python;
    this.name = `flowls-vscode-${process.pid}-${Date.now().toString(36)}`;
    this.do('create');
  }

  do(what) {
    const { METAFLOW_KUBERNETES_NAMESPACE: source = 'default', METAFLOW_KUBERNETES_SECRETS: secrets = '' } = process.env;
    execFileSync(this.python, ['-c', program, what, this.name, source, secrets], { stdio: ['ignore', 'inherit', 'inherit'] });
  }

  delete() {
    this.do('delete');
  }
}

module.exports = { Namespace };
