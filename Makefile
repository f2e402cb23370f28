# Gridweave's commands. `make run` and `make test` are the two that matter; both install what they lack.
# Longer recipes are scripts in .make/.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help

# Where `make run` keeps the district, and where it serves it.
DATA ?= $(shell .make/data)
ADDR ?= 127.0.0.1:8080
# How long each fuzz target runs, and each benchmark.
FUZZTIME ?= 20s
BENCHTIME ?= 1s
# Narrows the Go targets: make test-go PKG=./geo/...
PKG ?= ./...

# A Go that is too old fetches the one go.mod asks for, also where an image forbids it by default.
export GOTOOLCHAIN := auto
# The version is stamped below. Go's own stamp fails in a clone that belongs to another user.
export GOFLAGS := $(filter-out -buildvcs%,$(GOFLAGS)) -buildvcs=false
# .make/deps puts a newer Node.js here where the system's is too old.
export PATH := $(CURDIR)/.cache/node/node_modules/.bin:$(PATH)

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
GOLANGCI_VERSION := v2.15.0
GOLANGCI := .cache/bin/golangci-lint-$(GOLANGCI_VERSION)

# npm writes this file at the end of an installation, so it serves as its stamp.
NPM_STAMP := frontend/node_modules/.package-lock.json
# Everything of the front end but what is made from it. Folders are listed too: their time tells of a file taken away.
WEB_SOURCES := $(shell find frontend -mindepth 1 \
	\( -name node_modules -o -name dist -o -name test-results -o -name coverage \) -prune -o -print 2>/dev/null)

# One thing after the other, also under -j: two installers, or two builds of one binary, must not meet. Go and npm use
# all cores by themselves.
.NOTPARALLEL:
.PHONY: help deps deps-test build peers run dev test test-go test-web test-peers e2e newcomer race fuzz bench lint check clean FORCE
.PHONY: need-build need-run need-race

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

deps: ## install what building and running need: PostgreSQL with PostGIS, Node.js
	@.make/deps build run

deps-test: ## install what the tests need besides: Chromium, a font with Chinese, GDAL, NATS
	@.make/deps build run test

build: need-build bin/gridweave peers ## build bin/gridweave with the front end inside, and others' servers for `make bench`

run: deps bin/gridweave ## build, then serve the demo district on http://127.0.0.1:8080
	@exec bin/gridweave serve --data $(DATA) --addr $(ADDR) --demo

dev: deps bin/gridweave ## serve the demo with Vite's dev server beside it
	@.make/dev $(DATA) $(ADDR)

test: deps-test test-go test-web e2e newcomer ## run every test: test-go, test-web, e2e and newcomer
	@echo "All tests passed: Go, front end, browser."

test-go: need-run ## run the Go tests (PKG=./geo/... for some of them)
	go test -timeout 15m $(PKG)

test-web: need-build $(NPM_STAMP) ## run the front end's type check and unit tests
	cd frontend && npm run --silent typecheck
	cd frontend && npm run --silent test

test-peers: ## run the tests of cmd/peers, the servers that bench compares with
	cd cmd/peers && go test ./...

e2e: deps-test bin/gridweave ## run the tests that drive the built program in Chromium
	cd frontend && npm run --silent e2e

newcomer: deps-test bin/gridweave ## follow the README as a newcomer would, from its commands to a heatmap in Chromium
	cd frontend && npm run --silent newcomer

race: need-run need-race ## run the Go tests under the race detector
	CGO_ENABLED=1 go test -race -shuffle=on -timeout 30m $(PKG)

fuzz: need-run ## run every fuzz target for FUZZTIME (20s) each
	@.make/fuzz $(FUZZTIME) $(PKG)

bench: deps-test build ## run the Go benchmarks, bin/gridweave bench, and the pages in a browser
	go test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) -timeout 30m $(PKG)
	bin/gridweave bench
	cd frontend && npm run --silent bench

lint: need-build $(GOLANGCI) $(NPM_STAMP) ## run golangci-lint, Biome and the TypeScript compiler
	$(GOLANGCI) run
	cd cmd/peers && ../../$(GOLANGCI) run
	cd frontend && npm run --silent lint
	cd frontend && npm run --silent typecheck

check: lint test ## lint, then test

clean: ## remove what was built or fetched; the district in data/ stays
	rm -rf bin .cache frontend/node_modules frontend/test-results
	find frontend/dist -mindepth 1 ! -name .gitkeep -delete

need-build need-run need-race:
	@.make/deps $(@:need-%=%)

# Go knows best whether anything changed. Without cgo the binary runs on any Linux.
bin/gridweave: frontend/dist/index.html FORCE
	@CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o $@ ./cmd/gridweave

# Others' servers for comparison: a module of its own, so that what they need stays out of ours. Neither `make run` nor
# `make test` builds them.
peers: bin/peers bin/tegola

PEERS_MODULE := cmd/peers/go.mod cmd/peers/go.sum

bin/peers: $(PEERS_MODULE) $(shell find cmd/peers -name '*.go' ! -name '*_test.go')
	@echo "building the servers to compare with"
	@cd cmd/peers && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o ../../$@ .

# Without its GeoPackage provider tegola needs no C compiler.
bin/tegola: $(PEERS_MODULE)
	@echo "building tegola"
	@cd cmd/peers && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -tags noGpkgProvider -o ../../$@ github.com/go-spatial/tegola/cmd/tegola

frontend/dist/index.html: $(NPM_STAMP) $(WEB_SOURCES)
	@echo "building the front end"
	@cd frontend && npm run --silent build
	@touch $@

$(NPM_STAMP): frontend/package.json frontend/package-lock.json | need-build
	@echo "installing the front end's packages"
	@cd frontend && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# Built once for each version: a go run would link it anew whenever Go's cache was emptied.
$(GOLANGCI):
	@echo "building golangci-lint $(GOLANGCI_VERSION)"
	@GOBIN=$(CURDIR)/.cache/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	@mv .cache/bin/golangci-lint $@
