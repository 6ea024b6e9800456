/* SPDX-License-Identifier: GPL-3.0-or-later */
/* old_headers - pieces of old kernels' headers, for tests of what reads them. */
#ifndef OLD_HEADERS_H
#define OLD_HEADERS_H

static const char old_bio[] =
	"struct bio;\n"
	"/* struct bio { int fake; }; */\n"
	"struct bio_list {\n\tstruct bio *head;\n};\n"
	"struct bio {\n"
	"\tstruct bio\t\t*bi_next;\t/* request queue link */\n"
	"\tstruct gendisk\t\t*bi_disk;\n"
	"\tunsigned int\t\tbi_opf;\t// not bi_bdev;\n"
	"\tunion {\n\t\tstruct { u8 a, bi_b[4]; };\n\t\tu32 bi_bits : 3;\n\t};\n"
	"\tatomic_t\t\t__bi_cnt;\n"
	"};\n"
	"struct journal_s\n{\n\tint j_flags;\n};\n";

/* 5.10.y: request events have one argument already, bio events still two. */
static const char events[] =
	"DEFINE_EVENT(block_rq, block_rq_insert,\n\n"
	"\tTP_PROTO(struct request *rq),\n\n\tTP_ARGS(rq)\n);\n"
	"TRACE_EVENT(block_bio_queue,\n"
	"\tTP_PROTO(struct request_queue *q, struct bio *bio),\n"
	"\tTP_ARGS(q, bio),\n);\n"
	"DEFINE_EVENT(block_bio, block_bio_frontmerge,\n"
	"\tTP_PROTO(struct request_queue *q, struct request *rq,\n\t\t struct bio *bio),\n);\n"
	"TRACE_EVENT(block_plug, TP_PROTO(struct request_queue *q),);\n"
	"TRACE_EVENT(block_pick, TP_PROTO(int (*pick)(int, int), struct bio *bio),);\n";

#endif
