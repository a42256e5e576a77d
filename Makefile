# What a developer types. `make run` serves a blog; `make check fuzz-quick test` is what CI runs.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

FUZZTIME ?= 60s
BENCHTIME ?= 1s
TIMEOUT ?= 14m

# One set of flags for the program, its checks and the tests that start it, so
# that the large dependencies are compiled once for all of them.
PLAIN := CGO_ENABLED=0 GOFLAGS="$(shell go env GOFLAGS) -trimpath"

# The decoder of calls, the endpoint of others, and what is made of their pages.
STRANGERS := internal/pingback.FuzzDecode internal/webmention.FuzzEndpoint \
	$(addprefix internal/source.,FuzzFindLink FuzzReadEntry FuzzClean) internal/mf2.FuzzParse

.PHONY: run build check test unit bench fuzz fuzz-quick

run: ## Serve a blog at http://localhost:8080 with its data in ./data.
	go run ./cmd/server

build: ## Make the program: one static file named hark.
	CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o hark ./cmd/server

# The compiler, and what reads code as it does, spend a fifth less of a core where they may take
# more memory before they look for what they need no longer: 2 GiB, not one.
check: export GOGC = 400
check: export GOMEMLIMIT = 2GiB
check: ## Everything that reads the code without running it.
	@bad=$$(gofmt -l .); test -z "$$bad" || { echo "gofmt would change:"; echo "$$bad"; exit 1; }
	go mod tidy -diff
	$(PLAIN) go build -ldflags="-s -w" -o /dev/null ./cmd/server
	$(PLAIN) go vet ./...
	$(PLAIN) go tool staticcheck ./...

# The race detector watches all that we and our libraries do, but for SQLite, which is
# C put into Go with locks of its own, and which it makes several times as slow.
OURS := '-gcflags=modernc.org/...=-race=false'

test: ## All tests with the race detector, real peers included, then what needs a database on PostgreSQL.
	scripts/peers.sh
	scripts/npm-peers.sh
	TIMEOUT=$(TIMEOUT) scripts/in-memory.sh scripts/test.sh -race $(OURS)

unit: ## The quick tests alone: SQLite, no peers.
	go test $$(go list ./... | grep -v '/test$$')

bench: ## Every benchmark, in the packages that have some.
	go test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) $$(scripts/packages-with.sh Benchmark)

fuzz: ## Every fuzz target for FUZZTIME.
	$(PLAIN) scripts/fuzz.sh $(FUZZTIME)

fuzz-quick: ## Whatever reads what strangers send, for a minute each.
	$(PLAIN) scripts/fuzz.sh 60s $(STRANGERS)
