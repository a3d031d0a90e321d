# A thin front: what is done stands in scripts/, how it is built in meson.build.
PREFIX  ?= /usr/local
DESTDIR ?=
# Seconds for each fuzz target; empty means an hour shared by all.
FUZZ_SECONDS ?=
# Options of the demonstration, for example DEMO="--speed 2000" (scripts/run-demo).
DEMO    ?=
# Groups of tests to run, for example ONLY="unit lint"; empty means all.
ONLY    ?=

build:
	@scripts/build release

help:
	@echo 'make            builds build/hinomi'
	@echo 'make run        installs what is missing, builds, shows a station at work (DEMO)'
	@echo 'make test       installs what tests need, runs all (ONLY="unit lint" only those)'
	@echo 'make lint       format, shape, layers, banned functions, scripts, manual pages'
	@echo 'make bench      measures speed and memory'
	@echo 'make fuzz       an hour of fuzzing (FUZZ_SECONDS=N for each target)'
	@echo 'make soak       the long forms of the tests'
	@echo 'make install    program, manual pages and service (PREFIX, DESTDIR)'
	@echo 'make deb        the Debian package, in build/deb'
	@echo 'make packages   installs what building and testing need'
	@echo 'make clean      removes all that was built'

packages:
	@scripts/install-packages test

run:
	@scripts/install-packages run
	@scripts/build release hinomi tests/tools/play_frames
	@scripts/run-demo $(DEMO)

test:
	@scripts/install-packages test
	@scripts/run-tests $(ONLY)

soak:
	@scripts/install-packages soak
	@scripts/run-tests --soak $(ONLY)

lint:
	@scripts/install-packages test
	@scripts/lint

fuzz:
	@scripts/install-packages test
	@scripts/fuzz $(if $(FUZZ_SECONDS),--each $(FUZZ_SECONDS))

bench: build
	@if [ -x tests/bench/run ]; then \
		tests/bench/run build/hinomi; \
	else \
		echo 'There is no benchmark yet: tests/bench/run is what this would start.'; \
	fi

install:
	@PREFIX='$(PREFIX)' scripts/build release
	@DESTDIR='$(DESTDIR)' meson install -C build --no-rebuild

deb:
	@scripts/install-packages deb
	@scripts/build-deb

clean:
	rm -rf build build-* web/node_modules

.PHONY: build help packages run test soak lint fuzz bench install deb clean
