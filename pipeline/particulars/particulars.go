// Package particulars reads what a text tells in figures: sums of money, numbers of orders and transactions, days and times; in the words
// and spellings of Chinese and English. It is pure, and it looks at the first 8 KiB of a text.
package particulars
