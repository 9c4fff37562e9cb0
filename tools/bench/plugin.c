// SPDX-License-Identifier: GPL-2.0
/*
 * plugin: for QEMU (TCG), count the instructions of a guest between two of its
 * own, see mark.h. -plugin plugin.so,out=FILE
 *
 * FILE is written when the second mark is met, lines of numbers in hex:
 *
 *	i ADDRESS COUNT		an instruction was executed so often
 *	n NODE PARENT ADDRESS	a function called from another one (0: from none)
 *	s NODE ADDRESS COUNT	instructions executed in the block at ADDRESS
 *				when NODE was the innermost function called
 *
 * The first are exact. The others tell who called whom, by what a call writes to
 * the stack, and where a return goes to: good enough to see what is called for
 * what, if not at every switch between tasks. Calls from before the first mark are not known. User space is one node, 1; and what the kernel
 * does without a call, as at its entry, is node 0.
 *
 * Debian packages QEMU without the header of this interface.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"

/* --- of QEMU's qemu-plugin.h, version 1 -------------------------------------- */

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
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
		void (*cb)(uint64_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
		void (*cb)(unsigned int cpu, void *data), int flags,
		void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
		void (*cb)(unsigned int cpu, void *data), int flags,
		void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn,
		int op, void *ptr, uint64_t value);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
		void (*cb)(unsigned int cpu, uint32_t info, uint64_t address,
			   void *data), int flags, int which, void *data);

int qemu_plugin_version = 1;

/* --- tables ------------------------------------------------------------------- */

/**
 * struct entry - of a hash table whose entries never move
 * @next: of the same bucket
 * @a: what it is found by
 * @b: and this
 * @value: of that
 */
struct entry {
	struct entry *next;
	uint64_t a, b, value;
};

enum { HASH_BITS = 18 };

struct table {
	struct entry *bucket[1 << HASH_BITS];
};

static struct table executed, nodes, blocks;

static void *allocate(size_t size)
{
	void *p = calloc(1, size);

	if (!p) {
		perror("plugin");
		exit(1);
	}
	return p;
}

static struct entry *look_up(struct table *t, uint64_t a, uint64_t b)
{
	uint64_t hash = (a ^ (b << 20)) * 0x9e3779b97f4a7c15;
	struct entry **bucket = &t->bucket[hash >> (64 - HASH_BITS)], *e;

	for (e = *bucket; e; e = e->next)
		if (e->a == a && e->b == b)
			return e;
	e = allocate(sizeof(*e));
	*e = (struct entry){ *bucket, a, b, 0 };
	*bucket = e;
	return e;
}

/* Of entries that have a value. */
static void print(FILE *f, char kind, struct table *t, bool value_first)
{
	unsigned int i;
	struct entry *e;

	for (i = 0; i < 1 << HASH_BITS; i++) {
		for (e = t->bucket[i]; e; e = e->next) {
			if (!e->value)
				continue;
			if (value_first)
				fprintf(f, "%c %" PRIx64 " %" PRIx64
					" %" PRIx64 "\n", kind, e->value, e->a,
					e->b);
			else if (kind == 'i')
				fprintf(f, "%c %" PRIx64 " %" PRIx64 "\n",
					kind, e->a, e->value);
			else
				fprintf(f, "%c %" PRIx64 " %" PRIx64
					" %" PRIx64 "\n", kind, e->a, e->b,
					e->value);
		}
	}
}

static void forget(struct table *t)
{
	unsigned int i;
	struct entry *e;

	for (i = 0; i < 1 << HASH_BITS; i++)
		for (e = t->bucket[i]; e; e = e->next)
			e->value = 0;
}

/* --- who called whom ---------------------------------------------------------- */

enum { KERNEL, USER, FIRST_NODE };

enum {
	STACK_SHIFT = 14,	/* the kernel's are of this size and so aligned */
	FRAMES = 256,
};

/**
 * struct frame - a call that has not returned
 * @at: where on the stack it goes back to
 * @to: where in the code
 * @caller: node that called
 * @stack: what it used
 */
struct frame {
	uint64_t at, to, caller;
	struct stack *stack;
};

/**
 * struct stack - of a task or of interrupts
 * @depth: how many calls have not returned
 * @frame: these, the outermost first
 */
struct stack {
	unsigned int depth;
	struct frame frame[FRAMES];
};

static struct table stacks;	/* their value is a pointer */
static struct stack *stack;	/* in use, as far as is known */
static uint64_t current = KERNEL, last_node = FIRST_NODE;
static uint64_t call_at, call_to;	/* of a call whose target runs next */
static bool on, returns, entered;	/* the kernel, and it has called nothing */
static const char *path;

/* The last return, and from which stack, should it have been another one. */
static struct frame returned;
static struct stack *returned_on;

static bool is_kernel(uint64_t address)
{
	return address >> 63;
}

static struct stack *stack_of(uint64_t address)
{
	struct entry *e = look_up(&stacks, address >> STACK_SHIFT, 0);

	if (!e->value)
		e->value = (uintptr_t)allocate(sizeof(struct stack));
	return (struct stack *)(uintptr_t)e->value;
}

static struct frame *top(struct stack *s)
{
	return s && s->depth ? &s->frame[s->depth - 1] : NULL;
}

/* A task switches to another one in a function that both have called from the
 * same place: it returned on the stack of the other one.
 */
static void switch_stack(struct stack *next)
{
	struct frame *f = top(next);

	if (!f || !returned_on || next == returned_on ||
	    f->to != returned.to || current != returned.caller)
		return;
	returned_on->frame[returned_on->depth++] = returned;
	current = f->caller;
	next->depth--;
}

static void push(uint64_t function)
{
	struct stack *s = stack_of(call_at);
	struct entry *node;

	if (entered)
		s->depth = 0;
	else if (s != stack)
		switch_stack(s);
	entered = false;
	returned_on = NULL;
	node = look_up(&nodes, current, function);
	if (!node->value)
		node->value = ++last_node;
	while (s->depth && top(s)->at <= call_at)
		s->depth--;
	if (s->depth < FRAMES)
		s->frame[s->depth++] = (struct frame){
			call_at, call_to, current, stack
		};
	current = node->value;
	stack = s;
}

static void pop(uint64_t to)
{
	struct frame *f;

	while ((f = top(stack))) {
		stack->depth--;
		if (f->to == to) {
			returned = *f;
			returned_on = stack;
			current = f->caller;
			/* from that of interrupts, if this was the last call */
			if (!stack->depth && f->stack)
				stack = f->stack;
			return;
		}
	}
	current = KERNEL;
}

static void on_call(unsigned int cpu, uint32_t info, uint64_t address,
		    void *data)
{
	(void)cpu, (void)info;
	call_at = address;
	call_to = *(uint64_t *)data;
}

static void on_return(unsigned int cpu, void *data)
{
	(void)cpu, (void)data;
	returns = true;
}

/**
 * struct block - of instructions that QEMU has translated as one
 * @address: of the first
 * @length: how many they are
 */
struct block {
	uint64_t address, length;
};

static void on_block(unsigned int cpu, void *data)
{
	const struct block *b = data;

	(void)cpu;
	if (!on)
		return;
	if (!is_kernel(b->address)) {
		current = USER;
	} else if (current == USER) {
		current = KERNEL;
		entered = true;
	} else if (call_at) {
		push(b->address);
	} else if (returns) {
		pop(b->address);
	}
	call_at = 0;
	returns = false;
	look_up(&blocks, current, b->address)->value += b->length;
}

/* --- marks -------------------------------------------------------------------- */

static void on_start(unsigned int cpu, void *data)
{
	(void)cpu, (void)data;
	forget(&executed);
	forget(&blocks);
	on = true;
}

static void on_stop(unsigned int cpu, void *data)
{
	FILE *f;

	(void)cpu, (void)data;
	if (!on)
		return;
	on = false;
	f = fopen(path, "w");
	if (!f) {
		perror(path);
		exit(1);
	}
	print(f, 'i', &executed, false);
	print(f, 'n', &nodes, true);
	print(f, 's', &blocks, false);
	if (fclose(f)) {
		perror(path);
		exit(1);
	}
}

/* --- translation -------------------------------------------------------------- */

static bool is_mark(const uint8_t *code, size_t size, uint8_t which)
{
	const uint8_t mark[] = { MARK_BYTES, which };

	return size == sizeof(mark) && !memcmp(code, mark, sizeof(mark));
}

static bool is_prefix(uint8_t byte)
{
	return byte == 0x2e || byte == 0x3e || byte == 0xf2 || byte == 0xf3 ||
	       (byte & 0xf0) == 0x40;
}

static void watch_calls(struct qemu_plugin_insn *insn)
{
	const uint8_t *code = qemu_plugin_insn_data(insn);
	size_t size = qemu_plugin_insn_size(insn);
	uint64_t *to = allocate(sizeof(*to));

	*to = qemu_plugin_insn_vaddr(insn) + size;
	while (size > 1 && is_prefix(*code)) {
		code++;
		size--;
	}
	if (*code == 0xe8 ||
	    (size > 1 && *code == 0xff && (code[1] & 0x38) == 0x10))
		qemu_plugin_register_vcpu_mem_cb(insn, on_call, CB_NO_REGS,
						 MEM_W, to);
	else if (*code == 0xc3 || *code == 0xc2)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_return,
						       CB_NO_REGS, NULL);
}

static void translate(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb), i;
	struct block *b = allocate(sizeof(*b));

	(void)id;
	b->address = qemu_plugin_tb_vaddr(tb);
	b->length = n;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, CB_NO_REGS, b);
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		const void *code = qemu_plugin_insn_data(insn);
		size_t size = qemu_plugin_insn_size(insn);
		uint64_t address = qemu_plugin_insn_vaddr(insn);

		qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64,
			&look_up(&executed, address, 0)->value, 1);
		if (is_mark(code, size, MARK_START))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_start,
							       CB_NO_REGS,
							       NULL);
		else if (is_mark(code, size, MARK_STOP))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_stop,
							       CB_NO_REGS,
							       NULL);
		else if (is_kernel(address))
			watch_calls(insn);
	}
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fprintf(stderr, "plugin: out=FILE is missing\n");
		return -1;
	}
	path = strdup(argv[0] + 4);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	return 0;
}
