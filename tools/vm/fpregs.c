// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded into User Mode Linux, which keeps a process's extended registers
 * in a buffer of fixed size. On a processor with more state than that (AMX
 * alone is 8 KiB), what UML read is cut short, and the host refuses to set
 * it: "ptrace set fp regs failed, errno 14". So complete it: UML's bytes over
 * the start of the state that the process has now.
 */
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef NT_X86_XSTATE
#define NT_X86_XSTATE 0x202
#endif

/* Not on the stack: UML calls from its small kernel stacks. One thread does. */
static char state[64 * 1024] __attribute__((aligned(64)));

static long set_xstate(pid_t pid, const struct iovec *part)
{
	struct iovec full = { .iov_base = state, .iov_len = sizeof(state) };

	if (syscall(SYS_ptrace, PTRACE_GETREGSET, pid, NT_X86_XSTATE, &full))
		return -1;
	memcpy(state, part->iov_base, part->iov_len < full.iov_len ?
				      part->iov_len : full.iov_len);
	return syscall(SYS_ptrace, PTRACE_SETREGSET, pid, NT_X86_XSTATE, &full);
}

long ptrace(enum __ptrace_request request, ...)
{
	long word, ret;
	va_list ap;
	pid_t pid;
	void *addr, *data;

	va_start(ap, request);
	pid = va_arg(ap, pid_t);
	addr = va_arg(ap, void *);
	data = va_arg(ap, void *);
	va_end(ap);

	if (request == PTRACE_SETREGSET && (long)addr == NT_X86_XSTATE)
		return set_xstate(pid, data);

	/* The C library returns what is peeked; the kernel stores it. */
	switch (request) {
	case PTRACE_PEEKTEXT:
	case PTRACE_PEEKDATA:
	case PTRACE_PEEKUSER:
		ret = syscall(SYS_ptrace, request, pid, addr, &word);
		return ret ? ret : word;
	default:
		return syscall(SYS_ptrace, request, pid, addr, data);
	}
}
