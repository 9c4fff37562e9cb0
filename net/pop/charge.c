// SPDX-License-Identifier: GPL-2.0
/*
 * Who pays for messages that are kept: a socket up to SO_SNDBUF, and together
 * all of a network namespace. A charge outlives its socket, for as long as
 * something that the socket has sent is kept.
 */

#include <linux/slab.h>

#include "charge.h"
#include "socket.h"

struct pop_charge *pop_charge_alloc(struct sock *sk)
{
	struct pop_charge *charge = kzalloc(sizeof(*charge), GFP_KERNEL_ACCOUNT);

	if (!charge)
		return NULL;
	refcount_set(&charge->ref, 1);
	spin_lock_init(&charge->lock);
	charge->sk = sk;
	return charge;
}

static void charge_put(struct pop_charge *charge)
{
	if (refcount_dec_and_test(&charge->ref))
		kfree(charge);
}

/* The socket goes; what it has sent stays, and counts for the namespace. */
void pop_charge_close(struct pop_charge *charge)
{
	spin_lock_bh(&charge->lock);
	charge->sk = NULL;
	spin_unlock_bh(&charge->lock);
	charge_put(charge);
}

/* May the socket send another message? The last one may go beyond. */
bool pop_charge_room(const struct pop_charge *charge, const struct sock *sk)
{
	struct pop_net *pn = pop_net(sock_net(sk));

	return atomic_long_read(&charge->kept) < READ_ONCE(sk->sk_sndbuf) &&
	       atomic_long_read(&pn->kept) < POP_KEPT_MAX;
}

/* Is the socket half full, so that its recipients are to be asked soon? */
bool pop_charge_short(struct pop_charge *charge)
{
	bool half = false;

	spin_lock_bh(&charge->lock);
	if (charge->sk)
		half = 2 * (s64)atomic_long_read(&charge->kept) >=
		       READ_ONCE(charge->sk->sk_sndbuf);
	spin_unlock_bh(&charge->lock);
	return half;
}

/* A message of @bytes is kept; it has a reference of the charge. */
void pop_charge_add(struct pop_charge *charge, struct pop_net *pn, u32 bytes)
{
	refcount_inc(&charge->ref);
	atomic_long_add(bytes, &charge->kept);
	atomic_long_add(bytes, &pn->kept);
}

/* It is not kept any more. Context: any. */
void pop_charge_sub(struct pop_charge *charge, struct pop_net *pn, u32 bytes)
{
	long left;

	atomic_long_sub(bytes, &charge->kept);
	left = atomic_long_sub_return(bytes, &pn->kept);
	spin_lock_bh(&charge->lock);
	if (charge->sk)
		charge->sk->sk_write_space(charge->sk);
	spin_unlock_bh(&charge->lock);
	/* was the namespace full? Then anyone may have waited. */
	if (left < POP_KEPT_MAX && left + bytes >= POP_KEPT_MAX)
		pop_socket_room(pn);
	charge_put(charge);
}
