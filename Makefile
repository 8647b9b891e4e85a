# keepalived in Swift. `make help` lists what there is to make.

SWIFT ?= swift
PREFIX ?= /usr
DESTDIR ?=
SECONDS_PER_FUZZER ?= 60

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
BUILD_PACKAGES := libnl-3-dev
# For the laboratory: namespaces, peers to compare with, packets to look at.
LAB_PACKAGES := python3 iproute2 procps keepalived nftables tcpdump bird2 frr openssl libssl3 \
  libpcre2-8-0 nginx-light dnsmasq-base kmod busybox-static ipvsadm
ifeq ($(shell uname -m),x86_64)
# And the guests, one of which is written for this processor alone.
LAB_PACKAGES += user-mode-linux gcc libc6-dev qemu-system-x86 systemd
endif
BINARY := .build/release/keepalived
GENHASH := .build/release/genhash

.PHONY: all build help setup-build setup-lab test unit-test lab-test demo bench steady-functions fuzz fuzz-seeds lint install clean

all: build

help:
	@echo 'make            build the release binary ($(BINARY))'
	@echo 'make demo       two routers and a client in network namespaces: watch an address move'
	@echo 'make test       all tests'
	@echo 'make bench      cost, side by side with the reference'
	@echo 'make fuzz       fuzz the decoders and the configuration reader ($(SECONDS_PER_FUZZER) s each)'
	@echo 'make lint       formatting and style'
	@echo 'make install    into DESTDIR, PREFIX $(PREFIX)'

# Installs what is missing, starts no services (RUNLEVEL), and does nothing if nothing is missing.
define install_packages
	@missing=$$(for p in $(1); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null \
	  | grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  echo "installing $$missing"; \
	  { $(SUDO) apt-get update && $(SUDO) env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
	    apt-get install -y --no-install-recommends $$missing; } >/tmp/keepalived-setup.$$$$ 2>&1 \
	    || { tail -20 /tmp/keepalived-setup.$$$$; exit 1; }; \
	  rm -f /tmp/keepalived-setup.$$$$; \
	fi
endef

setup-build:
	$(call install_packages,$(BUILD_PACKAGES))

setup-lab: setup-build
	$(call install_packages,$(LAB_PACKAGES))

build: setup-build
	@$(SWIFT) build -c release --product keepalived --quiet
	@$(SWIFT) build -c release --product genhash --quiet

demo: build setup-lab
	@python3 Tests/Lab/demo.py

test: lint unit-test fuzz-seeds lab-test

unit-test: setup-build
	@$(SWIFT) build --build-tests --quiet
	@{ $(SWIFT) test --skip-build --quiet 2>&1; echo "exit status $$?"; } | Tests/summary

fuzz-seeds: setup-build
	@Fuzz/run.sh seeds

lab-test: build setup-lab
	@python3 Tests/Lab/suite.py

steady-functions: build setup-lab
	@python3 Benchmarks/steady_functions.py
	@rm -f $(BINARY)  # The package manager does not know that the linker reads the list.

bench: build setup-lab
	@python3 Benchmarks/bench.py

fuzz: setup-build
	@Fuzz/run.sh all $(SECONDS_PER_FUZZER)

lint:
	@$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Fuzz

install: build
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin \
	  $(DESTDIR)$(PREFIX)/lib/systemd/system \
	  $(DESTDIR)/etc/keepalived $(DESTDIR)$(PREFIX)/share/doc/keepalived \
	  $(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/man/man8
	install -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/sbin/keepalived
	install -m 755 $(GENHASH) $(DESTDIR)$(PREFIX)/bin/genhash
	sed 's|@PREFIX@|$(PREFIX)|' systemd/keepalived.service \
	  > $(DESTDIR)$(PREFIX)/lib/systemd/system/keepalived.service
	chmod 644 $(DESTDIR)$(PREFIX)/lib/systemd/system/keepalived.service
	install -m 644 etc/keepalived/keepalived.conf.sample $(DESTDIR)/etc/keepalived/
	install -m 644 doc/keepalived.conf.5 $(DESTDIR)$(PREFIX)/share/man/man5/
	install -m 644 doc/keepalived.8 $(DESTDIR)$(PREFIX)/share/man/man8/
	install -m 644 README.md LICENSE doc/*.md $(DESTDIR)$(PREFIX)/share/doc/keepalived/

clean:
	rm -rf .build
