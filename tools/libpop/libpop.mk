# SPDX-License-Identifier: GPL-2.0
#
# What a program that uses libpop needs. Set TOP to the top of the project,
# include this, and build $(LIBPOP) with "$(MAKE) -C $(TOP)/tools/libpop".

LIBPOP := $(TOP)/tools/libpop/libpop.a
LIBPOP_CFLAGS := -I$(TOP)/tools/libpop/shim -I$(TOP)/tools/libpop \
	-I$(TOP)/net/pop -I$(TOP)/uapi
LIBPOP_LIBS := -lyaml -lsodium -lb2
