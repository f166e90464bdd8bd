# SPDX-License-Identifier: GPL-2.0
#
# ringprof: the one place that knows how everything is built.
#
#   make                 user space (daemon, control utility) into build/bin
#   make modules         the kernel module for KDIR into MODDIR
#   make kunit           a module of tests for a kernel with KUnit, into MODDIR/kunit
#   make check           unit tests in user space, under ASan and UBSan
#   make tools           programs that tests need, into build/tools
#   make test-tools      those that need the library, into build/tests/host
#   make objects         everything of user space compiled, nothing linked: what a
#                        compiler says of it (CC=clang, CFLAGS=-Werror, ...)
#   make fuzz            fuzzers of what reads hostile input, into build/fuzz
#   make torture         tests/vm/test_torture.sh for MINUTES= (10), in a guest that VM= may
#                        choose ("--kernel 6.12", ...), with the choices of SEED= again
#   make bench           tests/bench/run: what a sample costs, beside perf and bpftrace, into
#                        out/bench.json; BASE=FILE compares with such a file of an earlier
#                        run, SHORT=1 takes minutes instead of fifty, MERGING=1 is of
#                        what merging spares, and no more
#   make install         user space, and the module if it was built, into DESTDIR
#   make install-dkms    what DKMS builds the module from, into DESTDIR/usr/src
#   make clean           removes build/
#
#   V=1                  shows the commands
#   KDIR=DIR             kernel build directory (default: the running kernel's)
#   ARCH= CROSS_COMPILE= honoured for both halves
#   SYSROOT=DIR          where the other machine's libraries are, with their headers
#
# Source files are found by folder; nothing is registered here.

B      ?= build
MODDIR ?= $(B)/modules
KREL   ?= $(shell uname -r)
KDIR   ?= /lib/modules/$(KREL)/build
V ?= 0
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
UNITDIR ?= $(if $(filter /usr,$(PREFIX)),/usr/lib,/etc)/systemd/system
DESTDIR ?=

ifdef CROSS_COMPILE
CC = $(CROSS_COMPILE)gcc
AR = $(CROSS_COMPILE)ar
endif
PROTOC_C   ?= protoc-c
PKG_CONFIG ?= pkg-config
ifdef SYSROOT
CC += --sysroot=$(SYSROOT)
PKG_CONFIG := PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) PKG_CONFIG_LIBDIR=$(subst $() ,:,$(wildcard \
	$(SYSROOT)/usr/lib/*/pkgconfig $(SYSROOT)/usr/lib/pkgconfig \
	$(SYSROOT)/usr/share/pkgconfig)) $(PKG_CONFIG)
endif
VERSION := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)

PKGS := libnl-3.0 libnl-genl-3.0 libelf libdw libprotobuf-c zlib liblzma libcurl inih libcap-ng libseccomp
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wvla -Wundef -Wwrite-strings -Werror=implicit-function-declaration
CFLAGS   ?= -O2 -g
CPPFLAGS += -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DRP_VERSION='"$(VERSION)"' -I. -Iuserland/lib -I$(G) \
	$(shell $(PKG_CONFIG) --cflags $(PKGS))
# Whole frame-pointer stacks need them in leaf functions too, which is an option of its
# own; and on 32-bit ARM, code that is not Thumb. Not every machine's compiler has these.
fp_flags = -fno-omit-frame-pointer $(foreach flag,-mno-omit-leaf-frame-pointer -marm,$(shell \
	$(1) -Werror $(flag) -x c -c -o /dev/null /dev/null 2>/dev/null && echo $(flag)))
FP_FLAGS := $(call fp_flags,$(CC))
ALL_CFLAGS = -std=c11 $(FP_FLAGS) $(WARN) $(CFLAGS)
LDLIBS   = -Wl,--as-needed $(shell $(PKG_CONFIG) --libs $(PKGS)) -liberty -lpthread -lm -ldl

ifeq ($(V),1)
say = @:
Q =
else
say = @printf '  %-7s %s\n'
Q = @
endif

G := $(B)/gen
GEN := $(G)/profile.pb-c.h

lib_src  := $(wildcard userland/lib/*.c)
ctl_src  := $(wildcard userland/ringprofctl/*.c)
d_src    := $(wildcard userland/ringprofd/*.c)
unit_src := $(wildcard tests/unit/test_*.c)

obj = $(patsubst %.c,$(1)/%.o,$(2))

all: $(B)/bin/ringprofctl $(B)/bin/ringprofd

# ---- generated ----------------------------------------------------------------

$(G)/profile.pb-c.c $(G)/profile.pb-c.h &: proto/profile.proto
	@mkdir -p $(G)
	$(say) PROTOC $@
	$(Q)$(PROTOC_C) -Iproto --c_out=$(G) $<

# ---- user space ---------------------------------------------------------------
# Two builds of the same sources: build/obj for use, build/asan for the tests.

SAN := -fsanitize=address,undefined -fno-sanitize-recover=undefined
$(B)/asan/%.o: ALL_CFLAGS += $(SAN) -O1

define compile
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
endef
$(B)/obj/%.o: %.c $(GEN) Makefile ; $(compile)
$(B)/asan/%.o: %.c $(GEN) Makefile ; $(compile)
$(B)/obj/userland/lib/flame_assets.o $(B)/asan/userland/lib/flame_assets.o: \
	$(wildcard userland/lib/flame/*)
$(B)/obj/profile.pb-c.o: $(G)/profile.pb-c.c Makefile ; $(compile)
$(B)/asan/profile.pb-c.o: $(G)/profile.pb-c.c Makefile ; $(compile)

$(B)/obj/libringprof.a: $(call obj,$(B)/obj,$(lib_src)) $(B)/obj/profile.pb-c.o
	@rm -f $@
	$(say) AR $@
	$(Q)$(AR) rcs $@ $^
$(B)/asan/libringprof.a: $(call obj,$(B)/asan,$(lib_src)) $(B)/asan/profile.pb-c.o
	@rm -f $@
	$(say) AR $@
	$(Q)$(AR) rcs $@ $^

$(B)/bin/ringprofctl: $(call obj,$(B)/obj,$(ctl_src)) $(B)/obj/libringprof.a
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(B)/bin/ringprofd: $(call obj,$(B)/obj,$(d_src)) $(B)/obj/libringprof.a
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# ---- unit tests ---------------------------------------------------------------

unit_bin := $(patsubst tests/unit/%.c,$(B)/tests/%,$(unit_src))
$(B)/tests/test_%: $(B)/asan/tests/unit/test_%.o $(B)/asan/libringprof.a
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) $(LDFLAGS) $(SAN) -o $@ $^ -lcmocka $(LDLIBS)

check: $(unit_bin)
	@set -e; for t in $(unit_bin); do ./$$t; done

# ---- tools of the tests ---------------------------------------------------------

host_src := $(wildcard tests/host/*.c)
host_bin := $(patsubst tests/host/%.c,$(B)/tests/host/%,$(host_src))
$(B)/tests/host/%: $(B)/obj/tests/host/%.o $(B)/obj/libringprof.a
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Recorded stacks, walked again (tests/replay/main.c).
replay_src := $(wildcard tests/replay/*.c)
$(B)/tests/replay: $(call obj,$(B)/obj,$(replay_src)) $(B)/obj/libringprof.a
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
test-tools: $(host_bin) $(B)/tests/replay

# ---- programs that tests need, each one file --------------------------------------

tools := $(patsubst tests/tools/%.c,$(B)/tools/%,$(wildcard tests/tools/*.c))
$(B)/tools/%: tests/tools/%.c Makefile
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -MF $@.d -o $@ $<

# The one without frame pointers, as distributions build theirs.
$(B)/tools/deep: FP_FLAGS := -fomit-frame-pointer
# And one as the compiler makes it when it is told nothing.
$(B)/tools/jit: FP_FLAGS :=
# And one all of whose functions have names, those of the C library too.
$(B)/tools/brief: CFLAGS += -static
# And one with so many functions that it takes a while to compile otherwise.
$(B)/tools/maze: CFLAGS := -O0

# Libraries and programs that differ in the names of their functions; some without a build id.
versions := $(addprefix $(B)/tools/versions/,one two one.so two.so plain-one plain-two \
	plain-one.so plain-two.so)
$(versions): $(B)/tools/versions/%: tests/tools/versions/version.c Makefile
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -MF $@.d -fPIC -o $@ $< \
		-DVERSION=$(patsubst plain-%,%,$(basename $(@F))) \
		$(if $(filter %.so,$@),-shared,-DPROGRAM -pie) \
		-Wl,--build-id=$(if $(filter plain-%,$(@F)),none,sha1)

# The one of several files: garbage for what the module shows to user space.
facefuzz_src := $(wildcard tests/fuzz/kernel/*.c)
$(B)/tools/facefuzz: $(call obj,$(B)/obj,$(facefuzz_src))
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) $(LDFLAGS) -o $@ $^

# A 32-bit twin of burn, for the other side of a 64-bit machine, where this compiler or
# the one for that side can make one.
CC32 ?= $(if $(filter arm64,$(ARCH)),arm-linux-gnueabihf-gcc,$(CC) -m32)
ifneq ($(filter tools,$(MAKECMDGOALS)),)
ifneq ($(ARCH),arm)
M32 := $(shell echo 'int main(void) { return 0; }' | \
	$(CC32) -static -x c -o /dev/null - 2>/dev/null && echo $(B)/tools/burn32)
endif
endif
$(B)/tools/burn32: tests/tools/burn.c Makefile
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC32) -static -D_GNU_SOURCE -std=c11 $(call fp_flags,$(CC32)) $(WARN) $(CFLAGS) \
		-o $@ $<

# One for java, where there is a compiler for it.
ifneq ($(filter tools,$(MAKECMDGOALS)),)
JAVA_TOOLS := $(if $(shell command -v javac),$(B)/tools/Work.class)
endif
$(B)/tools/%.class: tests/tools/%.java Makefile
	@mkdir -p $(@D)
	$(say) JAVAC $@
	$(Q)javac -d $(@D) $<

# Programs whose stacks are to be whole: built as anybody's are, not with this project's
# flags. Tests take those in C, for which every target has a compiler.
bench_src := $(wildcard tests/bench/programs/*.c tests/bench/programs/*.cc)
bench_bin := $(patsubst tests/bench/programs/%,$(B)/bench/%,$(basename $(bench_src)))
$(B)/bench/%: tests/bench/programs/%.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) -O2 -pthread -o $@ $<
$(B)/bench/%: tests/bench/programs/%.cc
	@mkdir -p $(@D)
	$(say) CXX $@
	$(Q)$(CXX) -O2 -o $@ $<
$(B)/bench/%-musl: tests/bench/programs/%.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)musl-gcc -O2 -static -o $@ $<
$(B)/bench/%-fp: tests/bench/programs/%.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) -O2 $(FP_FLAGS) -o $@ $<
losses := nested hot varied inkernel
$(losses:%=$(B)/bench/%) $(losses:%=$(B)/bench/%-fp): \
	tests/bench/programs/losses.h
$(B)/bench/nested $(B)/bench/nested-fp $(B)/bench/hot $(B)/bench/hot-fp $(B)/bench/crowd: \
	tests/bench/programs/files.h
$(B)/bench/hot $(B)/bench/hot-fp: tests/bench/programs/nested.c
$(B)/bench/crowd: tests/bench/programs/losses.h
# What the daemon's reader costs (tests/bench/sizes).
$(B)/bench/reader: $(B)/obj/tests/bench/reader.o $(B)/obj/libringprof.a
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
bench-programs: $(bench_bin) $(B)/bench/reader $(losses:%=$(B)/bench/%-fp) \
	$(if $(shell command -v musl-gcc),$(B)/bench/threads-musl)

tools: $(tools) $(versions) $(B)/tools/facefuzz $(M32) $(JAVA_TOOLS) \
	$(patsubst tests/bench/programs/%.c,$(B)/bench/%,$(wildcard tests/bench/programs/*.c))

# ---- everything compiled, nothing linked -------------------------------------------
# For what a compiler says of it.

objects: $(call obj,$(B)/obj,$(lib_src) $(ctl_src) $(d_src) $(unit_src) $(host_src) \
	$(facefuzz_src) $(replay_src) $(wildcard tests/tools/*.c tests/fuzz/*.c))

# ---- fuzzers --------------------------------------------------------------------
# libFuzzer is clang's: a third build of the same sources.

CLANG ?= clang
FUZZ := -fsanitize=address,undefined -fno-sanitize-recover=undefined
fuzz_bin := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

$(B)/fuzz/%: CC = $(CLANG)
$(B)/fuzz/obj/%.o: ALL_CFLAGS += $(FUZZ) -fsanitize=fuzzer-no-link -O1
$(B)/fuzz/obj/%.o: %.c $(GEN) Makefile ; $(compile)
$(B)/fuzz/obj/profile.pb-c.o: $(G)/profile.pb-c.c Makefile ; $(compile)
$(B)/fuzz/obj/libringprof.a: $(call obj,$(B)/fuzz/obj,$(lib_src)) $(B)/fuzz/obj/profile.pb-c.o
	@rm -f $@
	$(say) AR $@
	$(Q)$(AR) rcs $@ $^
$(B)/fuzz/fuzz_%: $(B)/fuzz/obj/tests/fuzz/fuzz_%.o $(B)/fuzz/obj/libringprof.a
	$(say) LD $@
	$(Q)$(CC) $(LDFLAGS) $(FUZZ) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

fuzz: $(fuzz_bin)

# ---- torture --------------------------------------------------------------------
# As the test does it, for longer. Guest and time limit are this one's.

MINUTES ?= 10
VM ?=
SEED ?=
torture:
	RP_TORTURE_SECONDS=$$(($(MINUTES) * 60)) $(if $(SEED),RP_TORTURE_SEED=$(SEED)) \
		scripts/vm --cpus 2 --mem 1G --timeout $$(($(MINUTES) * 60 + 900)) $(VM) \
		-- tests/vm/test_torture.sh

# ---- benchmark ------------------------------------------------------------------

BASE ?=
SHORT ?=
MERGING ?=
bench:
	tests/bench/run $(if $(SHORT),-s) $(if $(MERGING),-m) $(if $(BASE),-b "$(BASE)")

# ---- the module ---------------------------------------------------------------
# Built from a staged copy, so that one source tree serves many kernels at once.

# stage DIR: what a module is built from; files that are gone are gone there, too.
define stage
	@mkdir -p $(1)
	@cp -ru Kbuild dkms.conf kmod proto $(1)/
	@cd $(1) && for f in kmod/*.[ch] kmod/compat/*.[ch] kmod/compat/probes/*.c; do \
		[ -e "$(CURDIR)/$$f" ] || [ $$f = kmod/compat/have.h ] || \
			rm -f "$$f"; done
endef
kbuild = $(MAKE) -C $(KDIR) M=$(abspath $(1)) $(if $(ARCH),ARCH=$(ARCH)) \
	$(if $(CROSS_COMPILE),CROSS_COMPILE=$(CROSS_COMPILE))

modules:
	$(call stage,$(MODDIR))
	$(call kbuild,$(MODDIR)) modules

# The module again, without what starts it, and with KUnit's suites: without a warning.
KUNIT = $(MODDIR)/kunit
kunit:
	@rm -rf $(KUNIT)/tests
	$(call stage,$(KUNIT))
	@mkdir -p $(KUNIT)/tests
	@cp -rp tests/kunit tests/ring tests/unwind $(KUNIT)/tests/
	$(call kbuild,$(KUNIT)) W=1 KCFLAGS="-Werror -I$(abspath $(KUNIT))" \
		RP_TEST_MODULE=ringprof_kunit RP_TEST_WITHOUT=kmod/main.o \
		RP_TEST_OBJECTS="$(patsubst %.c,%.o,$(wildcard tests/kunit/*.c))" modules

# ---- install ------------------------------------------------------------------

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin \
		$(DESTDIR)$(SYSCONFDIR)/ringprof $(DESTDIR)$(UNITDIR)
	install -m 755 $(B)/bin/ringprofctl $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(B)/bin/ringprofd $(DESTDIR)$(PREFIX)/sbin/
	@# A configuration that is there already is its owner's.
	[ -e $(DESTDIR)$(SYSCONFDIR)/ringprof/ringprofd.conf ] || \
		install -m 644 userland/ringprofd/ringprofd.conf \
			$(DESTDIR)$(SYSCONFDIR)/ringprof/
	sed 's,/usr/local/sbin/,$(PREFIX)/sbin/,' userland/ringprofd/ringprofd.service \
		>$(DESTDIR)$(UNITDIR)/ringprofd.service
	@# The module, if `make modules` was called; DKMS does this on its own.
	if [ -e $(MODDIR)/ringprof.ko ]; then \
		$(MAKE) -C $(KDIR) M=$(abspath $(MODDIR)) \
			INSTALL_MOD_PATH=$(abspath $(DESTDIR)) modules_install; fi

DKMS_SRC = $(DESTDIR)/usr/src/ringprof-$(VERSION)
install-dkms:
	rm -rf $(DKMS_SRC)
	install -d $(DKMS_SRC)
	cp -r Kbuild dkms.conf kmod proto $(DKMS_SRC)/

clean:
	rm -rf $(B)

.PHONY: all check tools bench-programs test-tools objects fuzz torture bench modules kunit install install-dkms clean
.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
