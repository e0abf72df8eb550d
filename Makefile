# Everything is plain SwiftPM; these are the words for it.
# A pipe fails if its first command does.
SHELL = /bin/bash
.SHELLFLAGS = -o pipefail -c
SWIFT ?= swift
PREFIX ?= /usr/local
PACKAGES = libvirt-dev libxml2-dev libyaml-dev nettle-dev pkg-config
# Programs that read reports as others do. Tests/Tools fetches those that check examples.
READER_PACKAGES = chromium-headless-shell cmark-gfm git jq libxml2-utils python3-jsonschema python3-prometheus-client python3-venv tidy
LAB_PACKAGES = libvirt-daemon libvirt-daemon-driver-qemu libvirt-daemon-system libvirt-clients \
  qemu-system-x86 busybox-static dbus-daemon polkitd
MATRIX_PACKAGES = $(LAB_PACKAGES) debootstrap
NESTED_PACKAGES = $(MATRIX_PACKAGES) e2fsprogs openssh-client openssl qemu-utils
# The labs that are not the system's own: each is a release of Debian, with the libvirt that it has.
# A lab of another kind is one more word here, with a rule of its own beside that of lab-%.
LABS = trixie trixie-backports
# How long a soak goes on, and what its randomness starts from.
SECONDS = 600
SEED = $(shell od -An -N4 -tu4 /dev/urandom | tr -d ' ')
# How many seeds a simulation runs, and from which on.
SEEDS = 20000
FROM = 0
# A module imports what Package.swift lists for it, and nothing else.
IMPORTS = --explicit-target-dependency-import-check error
RELEASE = -c release --static-swift-stdlib -Xlinker -s

.PHONY: build test lab lab-nested lab-matrix lab-others soak simulation sanitize demo bench format check
.PHONY: install packages run-tests run-computing run-lab run-lab-nested

build: packages ## the release binary, with Swift linked in
	$(SWIFT) build $(RELEASE) --product virtmem

test: PACKAGES += $(LAB_PACKAGES) $(READER_PACKAGES)
test: packages check ## every test
	$(SWIFT) build --build-tests $(IMPORTS)
	$(AT_ONCE) run-tests run-computing
	$(MAKE) --no-print-directory run-lab

lab: PACKAGES += $(LAB_PACKAGES)
lab: packages ## the tests on a libvirtd of their own, with real guests (root)
	$(SWIFT) build --build-tests $(IMPORTS)
	$(AT_ONCE) run-lab

lab-nested: PACKAGES += $(NESTED_PACKAGES)
lab-nested: packages ## the tests on a host with nodes, cgroup v2 and sshd, which is built for them (root)
	$(SWIFT) build --build-tests $(IMPORTS)
	$(AT_ONCE) run-lab-nested

lab-matrix: lab lab-others ## the same on every libvirtd of the matrix

lab-others: PACKAGES += $(NESTED_PACKAGES)
lab-others: packages ## the matrix without the system's own, two labs at once
	$(SWIFT) build --build-tests $(IMPORTS)
	$(AT_ONCE) $(LABS:%=run-lab-%) run-lab-nested

lab-%: PACKAGES += $(MATRIX_PACKAGES)
lab-%: packages ## the lab with the libvirtd and QEMU of one release of Debian
	$(SWIFT) build --build-tests $(IMPORTS)
	$(AT_ONCE) run-lab-$*

# Runs of what is built. A lab mostly waits for its guests, so two labs share two processors well;
# the other tests take a whole one.
AT_ONCE = $(MAKE) --no-print-directory -j2
# The lock of SwiftPM keeps builds apart, and no build goes on beside these runs.
RUN = $(SWIFT) test --skip-build --ignore-lock --disable-xctest
# Each line says which run printed it.
NAMED = 2>&1 | sed -u 's/^/$(@:run-%=%): /'

# The suites that compute for long and wait for nothing have a processor of their own.
COMPUTING = ^SimulationTests\.|\.Hostile(Name|Output)Tests

run-tests: # one at a time: some measure waits
	$(RUN) --no-parallel --skip LabTests --skip '$(COMPUTING)' $(NAMED)

run-computing:
	$(RUN) --no-parallel --filter '$(COMPUTING)' $(NAMED)

run-lab:
	$(RUN) --filter LabTests --skip 'NestedTests|SoakTests' $(NAMED)

run-lab-nested:
	$(RUN) --filter NestedTests $(NAMED)

run-lab-%:
	LAB_HOST=$* $(RUN) --filter LabTests --skip 'NestedTests|SoakTests' $(NAMED)

soak: PACKAGES += $(MATRIX_PACKAGES)
soak: packages ## random definitions, edits and starts: SECONDS=600 SEED=1 LAB_HOST=trixie (root)
	$(SWIFT) build --build-tests $(IMPORTS)
	SOAK_SECONDS=$(SECONDS) LAB_SEED=$(SEED) $(SWIFT) test --skip-build --disable-xctest --filter SoakTests

simulation: packages ## whole runs in simulated time: SEEDS=20000 FROM=0, or SEED=43 for one with its trace
	$(SWIFT) build -c release --product virtmem-simulation
	.build/release/virtmem-simulation $(if $(filter command line environment,$(origin SEED)),--seed $(SEED),--seeds $(SEEDS) --from $(FROM))

sanitize: packages ## the tests of client and applier under the thread sanitizer
	$(SWIFT) build --build-tests --sanitize=thread --scratch-path .build/sanitized
	TSAN_OPTIONS='suppressions=Tests/Tools/thread-sanitizer.supp exitcode=66' \
	$(RUN) --no-parallel --sanitize=thread --scratch-path .build/sanitized \
	  --filter '^(LibvirtClientTests|ApplierTests)\.' $(NAMED)

demo: packages ## drift, plan and apply of manifests/ on libvirt's embedded test driver
	@echo "Building virtmem. The first build takes some minutes."
	@mkdir -p .build
	@$(SWIFT) build --product virtmem >.build/demo.log 2>&1 || { cat .build/demo.log; exit 1; }
	@examples/demo/run .build/debug/virtmem

bench: PACKAGES += $(LAB_PACKAGES) openssh-client
bench: build ## the figures of the README (root)
	$(SWIFT) build $(RELEASE) --product virtmem-bench
	.build/release/virtmem-bench .build/release/virtmem
	Tests/Benchmarks/offline .build/release/virtmem
	Tests/Benchmarks/fleet .build/release/virtmem
	Tests/Benchmarks/apply .build/release/virtmem
	Tests/Benchmarks/links .build/release/virtmem
	Tests/Benchmarks/shards .build/release/virtmem
	Tests/Benchmarks/balloons .build/release/virtmem

format: ## rewrite the sources in the one format
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests

check: ## the format, strictly
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests

install: build ## into PREFIX, with the folder for locks
	install -D -m 755 .build/release/virtmem $(DESTDIR)$(PREFIX)/bin/virtmem
	install -D -m 644 packaging/virtmem.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/virtmem.conf
	test -n "$(DESTDIR)" || install -d -m 1777 /run/lock/virtmem

packages:
	@missing=""; for package in $(PACKAGES); do \
	  dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	  echo "Installing with apt-get:$$missing"; \
	  root=""; [ "$$(id -u)" = 0 ] || root=sudo; \
	  $$root apt-get update -qq && $$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
