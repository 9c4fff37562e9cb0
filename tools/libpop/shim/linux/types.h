/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module's codec.[ch] and unit.[ch] use of the kernel's headers, in
 * user space. This directory comes before the system's in the search path.
 */
#ifndef _POP_SHIM_LINUX_TYPES_H
#define _POP_SHIM_LINUX_TYPES_H

#include_next <linux/types.h>
#include <stdbool.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define __packed __attribute__((__packed__))
#define __aligned(x) __attribute__((__aligned__(x)))

#endif /* _POP_SHIM_LINUX_TYPES_H */
