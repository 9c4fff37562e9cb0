/* SPDX-License-Identifier: GPL-2.0 */
/* Channels of a member: its profile, opening and closing. */
#ifndef _POP_CHANNEL_H
#define _POP_CHANNEL_H

#include "pop.h"

int pop_channel_profile(struct pop_member *m);
void pop_channel_release(struct pop_member *m);
bool pop_channel_from_group(const struct pop_member *m);
struct pop_channel *pop_channel_input(struct pop_member *m, u32 phase,
				      u32 index);
bool pop_channel_message_key(struct pop_member *m, struct pop_channel *ch,
			     const struct pop_slot_id *slot, __be64 salt,
			     u8 key[POP_KEY_LEN]);
u32 pop_channel_effort(struct pop_member *m, struct pop_channel *ch);
int pop_channel_open_phase(struct pop_member *m, u32 phase, gfp_t gfp);
void pop_channel_retire(struct pop_member *m, u32 phase, gfp_t gfp);
void pop_channel_retire_late(struct pop_member *m, struct pop_channel *ch);
bool pop_channel_ended(const struct pop_member *m);
void pop_channel_end(struct pop_member *m);
bool pop_channel_flag(struct pop_member *m, struct pop_channel *ch, u8 flag);
bool pop_channel_refuses(struct pop_member *m, const struct pop_channel *ch);
int pop_channel_live(const struct pop_channel *first, u32 nr);
void pop_channel_forget(struct pop_member *m, struct pop_channel *ch);
u8 pop_channel_state(struct pop_member *m, struct pop_channel *ch,
		     u8 digest[POP_HASH_LEN], u32 *done);
bool pop_channel_execute(struct pop_member *m, struct pop_channel *ch, u32 seq,
			 const struct pop_header *header);
void pop_channel_catch_up(struct pop_member *m);
void pop_slot_header(const struct pop_member *m, const struct pop_channel *ch,
		     const struct pop_slot *slot, struct pop_header *header);
void pop_channel_violate(struct pop_member *m, struct pop_channel *ch);
void pop_channel_done(struct pop_member *m, struct pop_channel *ch);

#endif /* _POP_CHANNEL_H */
