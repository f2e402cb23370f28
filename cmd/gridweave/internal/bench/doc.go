// Package bench measures the program from outside, as the operator's machine and the browsers would, and others' servers
// beside it in the same run: on one database with the same rows, for the same tiles, with the same load generator. What
// counts are the ratios and the processor time; absolute figures move with the machine.
//
// A Lab is a data folder with a cluster of its own. Every server that is measured is a process of its own, so that its
// processor time and its memory can be read from the kernel, the database's too; the load comes from this process over
// loopback. Nothing that is started outlives the Lab.
package bench
