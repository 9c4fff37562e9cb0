# SPDX-License-Identifier: GPL-2.0
#
# PoP for Linux: "make help" says what can be made.
#
# To kbuild this directory is an external module whose Kbuild file stands here:
# make -C KDIR M=$PWD modules. The targets below do that in build/, once for
# each kernel, for kbuild leaves its objects beside the sources.

MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:

ifneq ($(words $(CURDIR)),1)
$(error kbuild cannot build modules in a directory whose path has a space in \
	it: move "$(CURDIR)" elsewhere)
endif

KERNELS	:= uml 6.1 6.12 smp

# The kernel to build for: K, one of those in tools/vm, or KDIR, any that is
# configured and built; the running one by default.
ifneq ($(K),)
ifeq ($(filter $(K),$(KERNELS)),)
$(error K=$(K) is unknown; it can be one of: $(KERNELS))
endif
KNAME	:= $(K)
KDIR	= $(shell tools/vm/kdir -k $(K))
else
KDIR	?= /lib/modules/$(shell uname -r)/build
KNAME	= $(KRELEASE)
endif

# What its uname -r says. Debian's 6.1 has another name in kernel.release.
KRELEASE = $(or $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
	$(KDIR)/include/generated/utsrelease.h 2>/dev/null), \
	$(error no kernel to build against in $(KDIR): install its headers, \
	or give KDIR=DIR, or K= and one of: $(KERNELS)))

OBJ	?= build/$(KNAME)
POP_KO	= $(OBJ)/pop.ko
# The debug kernels have the unit tests built in; in uml code counts its lines.
KARGS	:= $(if $(filter uml,$(K)),ARCH=um POP_DEBUG=1) \
	$(if $(filter smp,$(K)),POP_DEBUG=1)
kbuild	= $(MAKE) -C $(KDIR) M=$(abspath $(OBJ)) $(KARGS)

all: module tools

module: tree
	$(kbuild) modules

# A link for each source, and none for those that are gone.
tree:
	@mkdir -p $(OBJ)
	@find $(OBJ) -xtype l -delete
	@find ./Kbuild ./net ./include ./uapi -type f \
		\( -name '*.[ch]' -o -name Kbuild -o -name 'Makefile*' \) | \
	while read -r file; do \
		[ $(OBJ)/$$file -ef $$file ] && continue; \
		mkdir -p $(OBJ)/$${file%/*}; \
		ln -sf $(CURDIR)/$$file $(OBJ)/$$file; \
	done

tools:
	@$(MAKE) -s -C tools

deps-%:
	@tools/deps $*

demo: deps-demo
	@$(MAKE) -s all K=6.1
	@tools/vm/run -k 6.1 -- env POP_KO=$(CURDIR)/build/6.1/pop.ko \
		tools/demo/run

check: deps-check
	selftests/run $(if $(K),-k $(K)) $(T)

# Hours: what "make check" does in small. A million calls fill what the module keeps
# in a network namespace, 512 MiB, which take twice as much in a debug kernel.
LONG	= POP_SLOTS=100000 POP_PARTITION=60 POP_UNITS=10000000 POP_CALLS=1000000 \
	  POP_MEMORY=4096
check-long: deps-check
	POP_LIMIT=86400 $(LONG) selftests/run -k $(or $(K),uml) \
		$(or $(T),lossy partition wire_fuzz fuzz_calls)
	$(MAKE) fuzz TIME=$(or $(TIME),600) T=

# On two processors; its kernel takes 12 minutes of one to build, once.
check-smp: deps-check
	POP_LIMIT=86400 selftests/run -k smp $(T)

fuzz: deps-check
	$(MAKE) -s -C selftests/fuzz
	selftests/fuzz/run -t $(or $(TIME),60) $(T)

shell: deps-demo
	$(MAKE) all K=$(or $(K),6.1)
	tools/vm/run -k $(or $(K),6.1) -i -- env \
		POP_KO=$(CURDIR)/build/$(or $(K),6.1)/pop.ko bash

bench: deps-bench
	$(MAKE) all K=$(or $(K),6.1)
	tools/bench/run -k $(or $(K),6.1)
	tools/bench/run -k $(or $(K),6.1) -C qemu64 -r 3 \
		-o build/bench/$(or $(K),6.1)-qemu64 small

# Where the instructions of a message go: P protocol, W workload, S size, R recipients.
# For the kernel's makefiles, W is something else.
bench-profile: deps-bench
	@$(MAKE) -s all K=$(or $(K),6.1) W=
	@tools/bench/profile -k $(or $(K),6.1) $(or $(P),pop) $(or $(W),trip) \
		$(or $(S),64) $(or $(R),1)

# Half an hour; T="MEASUREMENT..." some of them, see tools/scale/run.
scale: deps-bench
	$(MAKE) all K=$(or $(K),6.1)
	tools/scale/run -k $(or $(K),6.1) $(T)

# Others take it from here, and work in other directories.
override DESTDIR := $(abspath $(DESTDIR))

# In a stage there is no other module: what depmod writes there would make all
# others unknown where the stage is copied to. Kbuild may run it, too. It has
# not the same directory in all versions; depmod prefers this one to DKMS's.
install: all
	$(kbuild) modules_install INSTALL_MOD_PATH=$(DESTDIR) \
		INSTALL_MOD_DIR=updates DEPMOD=true
	$(if $(DESTDIR),,depmod $(KRELEASE))
	$(MAKE) -C tools install DESTDIR=$(DESTDIR)

# A kernel may have its modules compressed.
uninstall:
	rm -f $(DESTDIR)/lib/modules/$(KRELEASE)/updates/pop.ko*
	$(if $(DESTDIR),,depmod $(KRELEASE))
	$(MAKE) -C tools uninstall DESTDIR=$(DESTDIR)

clean:
	rm -rf build
	$(MAKE) -C tools clean

help:
	@echo 'make            module for the running kernel, and tools'
	@echo 'make K=...      module for one of: $(KERNELS); KDIR=DIR: for any'
	@echo 'make demo       the six-party contract, in a guest'
	@echo 'make check      all tests; T="NAME..." some, K=... on one kernel'
	@echo 'make check-long hours of the same with more loss, calls, mutations;'
	@echo '                T="NAME..." some, K=... on which kernel (uml)'
	@echo 'make check-smp  tests in a debug kernel on two processors; T="NAME..."'
	@echo 'make fuzz       look for inputs that break a parser; T="TARGET..."'
	@echo '                some, TIME=... seconds for each (60)'
	@echo 'make shell      a guest to play in; K=... which'
	@echo 'make bench      measure, beside other protocols, in a guest; K=... which'
	@echo 'make bench-profile  where the instructions go; P=pop W=trip S=64 R=1'
	@echo 'make scale      how memory, time and datagrams grow; K=... T="NAME..."'
	@echo 'make install    module, tools, headers, manual; PREFIX=, DESTDIR='
	@echo 'make uninstall  take away what make install has put there, with the same'
	@echo 'make clean      leave the sources only'

.PHONY: all module tree tools demo check check-long check-smp fuzz shell bench bench-profile \
	scale install uninstall clean help
