/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What plugin.c needs of version 1 of QEMU's interface for plugins, whose header
 * Debian does not package.
 */
#ifndef _POP_BENCH_PLUGIN_H
#define _POP_BENCH_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

enum { INLINE_ADD_U64 = 0 };
enum { CB_NO_REGS = 0 };
enum { MEM_W = 2 };

struct qemu_plugin_tb;
struct qemu_plugin_insn;

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

typedef void (*translate_cb)(uint64_t id, struct qemu_plugin_tb *tb);
typedef void (*execute_cb)(unsigned int cpu, void *data);
typedef void (*memory_cb)(unsigned int cpu, uint32_t info, uint64_t address,
			  void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, translate_cb cb);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  execute_cb cb, int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    execute_cb cb, int flags,
					    void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn,
						int op, void *ptr,
						uint64_t value);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
				      memory_cb cb, int flags, int which,
				      void *data);

#endif /* _POP_BENCH_PLUGIN_H */
