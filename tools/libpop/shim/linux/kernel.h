/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _POP_SHIM_LINUX_KERNEL_H
#define _POP_SHIM_LINUX_KERNEL_H

#include <stdint.h>
#include <asm/byteorder.h>

#define U16_MAX UINT16_MAX
#define U32_MAX UINT32_MAX

#define be16_to_cpu(x) __be16_to_cpu(x)
#define be32_to_cpu(x) __be32_to_cpu(x)
#define be64_to_cpu(x) __be64_to_cpu(x)
#define cpu_to_be16(x) __cpu_to_be16(x)
#define cpu_to_be32(x) __cpu_to_be32(x)
#define cpu_to_be64(x) __cpu_to_be64(x)

#endif /* _POP_SHIM_LINUX_KERNEL_H */
