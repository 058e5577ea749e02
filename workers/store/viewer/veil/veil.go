// Package veil takes out of texts where somebody can be reached: for viewers from whom the house keeps it. A leaf.
package veil

import "regexp"

// Hidden stands where an address was. It is a word of no language.
const Hidden = "•••"

// Value is what stands in the place of an address; of none it is none.
func Value(address string) string {
	if address == "" {
		return ""
	}
	return Hidden
}

// reached are addresses of mail, telephone numbers with a country code or in the form of mainland China's mobile numbers, and fixed ones with
// an area code. What is a number of an order has no such form, or it goes, too: who may not see addresses sees too little rather than too
// much.
var reached = regexp.MustCompile(`[\p{L}\p{N}._%+'=\x60{|}~!#$&*/?^-]+(@|＠)[\p{L}\p{N}-]+([.。．][\p{L}\p{N}-]+)*` +
	`|(\+|＋|\b00)[\p{Nd}]([ ./()\x{2010}-\x{2015}\x{00a0}-]{0,2}[\p{Nd}]){6,14}` +
	`|\b1[3-9]([ -]?[0-9]){9}\b` +
	`|\b0[0-9]{2,3}[ -][0-9]{7,8}\b`)

// Text is a text with every address in it hidden.
func Text(text string) string { return reached.ReplaceAllString(text, Hidden) }
