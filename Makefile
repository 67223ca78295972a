# flowls: build, test, package. `make help` lists the targets.
#
# Needs Go, Node with npm, Python 3.9 or newer with venv, and a C compiler
# (the parser is C). Nothing here needs root, nothing is written outside this folder
# except the caches of go, npm and pip.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
GO      ?= go
PYTHON  ?= python3
export PYTHON

STATICCHECK_VERSION := v0.8.2
VERSITYGW_VERSION   := v1.8.0
COVER_MIN           := 90
FUZZTIME            ?= 30s

# EDITOR is set in many shells to something else: only the command line counts.
ifeq ($(origin EDITOR),command line)
run_editor := $(EDITOR)
else
run_editor := vscode
endif

say = @printf '  %-9s %s\n'

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z][a-z0-9-]*:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- what everything stands on -------------------------------------------------

.PHONY: need-go need-node
need-go:
	@command -v $(GO) >/dev/null || { echo "Go is missing: install the version that go.mod names (https://go.dev/dl/)" >&2; exit 1; }
	@command -v "$$($(GO) env CC)" >/dev/null || { echo "no C compiler ($$($(GO) env CC)): the parser needs one. Debian, Ubuntu: sudo apt-get install gcc libc6-dev; macOS: xcode-select --install" >&2; exit 1; }

need-node:
	@command -v npm >/dev/null || { echo "Node with npm is missing: install Node 20 or newer (https://nodejs.org/)" >&2; exit 1; }

.PHONY: venv
venv: ## Make .venv with the pinned Metaflow
	@scripts/make-venv .venv requirements.txt

# The file that npm itself leaves behind, so a removed node_modules is noticed.
npm_installed := node_modules/.package-lock.json
$(npm_installed): package-lock.json package.json | need-node
	$(say) npm "ci (dependencies of the extension and its tests)"
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.tools/bin/staticcheck-$(STATICCHECK_VERSION): | need-go
	$(say) install "staticcheck $(STATICCHECK_VERSION)"
	@GOBIN="$(CURDIR)/.tools/bin" $(GO) install honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK_VERSION)
	@mv .tools/bin/staticcheck $@

# The S3 server of the tests; they build it themselves where make did not.
.tools/bin/versitygw-$(VERSITYGW_VERSION): | need-go
	$(say) install "versitygw $(VERSITYGW_VERSION)"
	@GOBIN="$(CURDIR)/.tools/bin" $(GO) install github.com/versity/versitygw/cmd/versitygw@$(VERSITYGW_VERSION)
	@mv .tools/bin/versitygw $@

# --- build ---------------------------------------------------------------------

.PHONY: build
build: bin extension ## Build the binaries (bin) and the VS Code extension

.PHONY: bin
bin: need-go ## Build bin/flowls and bin/flowls-agent only
	$(say) go "build bin/flowls, bin/flowls-agent ($(VERSION))"
	@GO=$(GO) scripts/build-go bin '$(VERSION)'

.PHONY: extension
extension: extension-vscode/dist/extension.js

extension_sources := $(shell find extension-vscode -type f \( -name '*.ts' -o -name '*.js' -o -name '*.json' -o -name '*.mjs' -o -name '*.css' \) \
	-not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/out/*' 2>/dev/null)

extension-vscode/dist/extension.js: $(npm_installed) $(extension_sources)
	$(say) npm "build extension-vscode"
	@npm run --silent -w extension-vscode build
	@touch $@

.PHONY: package
package: bin extension ## Make the .vsix with the binary inside (dist/)
	@npm run --silent -w extension-vscode package

.PHONY: generate
generate: venv need-go ## Write all generated files anew
	$(say) go generate
	@PATH="$(CURDIR)/.venv/bin:$$PATH" $(GO) generate ./...

.PHONY: check-generated
check-generated: ## Fail when a generated file is stale
	@scripts/check-generated

# --- run -----------------------------------------------------------------------

.PHONY: run
run: ## Open the example workspace in VS Code, or with EDITOR=nvim in Neovim
	@case "$(run_editor)" in vscode|nvim) ;; *) echo "EDITOR=$(run_editor): only vscode and nvim are known" >&2; exit 2;; esac
	@$(MAKE) --no-print-directory run-$(run_editor)

.PHONY: run-vscode run-nvim
run-vscode: bin extension venv
	@exec scripts/open-vscode

run-nvim: bin venv
	@exec scripts/open-nvim

# --- test ----------------------------------------------------------------------

.PHONY: test
test: venv need-go extension .tools/bin/versitygw-$(VERSITYGW_VERSION) ## Unit, marker, race, differential, short fuzz tests (10 to 12 min the first time)
	@scripts/run-tests

.PHONY: test-go
test-go: venv need-go .tools/bin/versitygw-$(VERSITYGW_VERSION) ## The Go tests only, under the race detector
	@scripts/run-tests --stages go

.PHONY: test-wide
test-wide: venv need-go ## Runs as Metaflow's client sees them, with a foreach of 1,000 tasks (10 min)
	FLOWLS_WIDTH=1000 $(GO) test -count=1 -timeout 1h ./runner/runstate/difftest

.PHONY: fuzz
fuzz: venv need-go ## Each fuzz target for FUZZTIME (30s)
	@scripts/run-tests --stages fuzz --fuzztime $(FUZZTIME)

.PHONY: chaos
chaos: venv need-go ## Kill servers, supervisors and Metaflow 200 times (2 min); SEED=n repeats
	@$(GO) test -count=1 -v -timeout 20m ./server/chaostest -chaos.rounds 200 -chaos.seed $(or $(SEED),$$RANDOM)

.PHONY: cover
cover: venv need-go ## Coverage of analysis; fails below 90 %
	@COVER_MIN=$(COVER_MIN) scripts/cover

.PHONY: bench
bench: venv bin ## Print the benchmark table
	@$(GO) run ./internal/bench

.PHONY: e2e
e2e: bin extension venv ## The real editors: VS Code in a browser, Neovim
	@scripts/e2e vscode nvim

.PHONY: e2e-vscode e2e-nvim
e2e-vscode: bin extension venv ## VS Code only
	@scripts/e2e vscode

e2e-nvim: bin venv ## Neovim only
	@scripts/e2e nvim

# A node needs root and Linux; scripts/e2e-kube also runs against a cluster that the
# environment names.
.tools/kube/cluster: FORCE | need-go
	@CGO_ENABLED=0 $(GO) build -trimpath -o $@ ./e2e/kube/cluster
.PHONY: FORCE
FORCE:

.PHONY: cluster-up cluster-down
cluster-up: .tools/kube/cluster .tools/bin/versitygw-$(VERSITYGW_VERSION) ## Start a real Kubernetes node with S3 on this machine (root, Linux)
	@$< up

cluster-down: .tools/kube/cluster ## End it; its logs stay in .cache/kube/logs
	@$< down

.PHONY: kube-probe
kube-probe: .tools/kube/cluster ## Say whether this machine can be a Kubernetes node, and if not why
	@$< probe

.PHONY: e2e-kube
e2e-kube: bin extension .tools/kube/cluster .tools/bin/versitygw-$(VERSITYGW_VERSION) ## Flows on a real cluster: on that node, or where KUBECONFIG and METAFLOW_S3_ENDPOINT_URL point
	@scripts/make-venv .tools/kube-venv e2e/kube/requirements.txt
	@scripts/e2e-kube

.PHONY: kube-scale
kube-scale: .tools/kube/cluster venv ## 10,000 tasks on 500 simulated nodes: memory, requests, latency (Linux, no root)
	@scripts/kube-scale

.PHONY: lint
lint: .tools/bin/staticcheck-$(STATICCHECK_VERSION) $(npm_installed) ## gofmt, vet, staticcheck, tsc, Lua and shell checks, import rules
	@scripts/make-venv .tools/lint-venv scripts/requirements-tools.txt
	@STATICCHECK=$< scripts/lint

.PHONY: clean
clean: ## Remove what was built (not the installed tools: those are .venv, .tools, node_modules)
	@rm -rf bin dist .cache coverage.out extension-vscode/dist extension-vscode/server extension-vscode/out e2e/*/out
