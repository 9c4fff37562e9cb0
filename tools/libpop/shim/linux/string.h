/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _POP_SHIM_LINUX_STRING_H
#define _POP_SHIM_LINUX_STRING_H

#include <string.h>

#endif /* _POP_SHIM_LINUX_STRING_H */
