package numbers

// OldIdentity checks province, city and birthday of a number of fifteen digits: YYMMDD of the last century.
// d has 15 digits, each 0 to 9. A birthday before 1920 is taken for chance.
func OldIdentity(d []byte) bool {
	city := Value(d[2:], 2)
	return provinces[Value(d, 2)] && (city >= 1 && city <= 70 || city == 90) && Day(d[6:12]) && Value(d[6:], 2) >= 20
}

// Identity checks province, birthday and check character (ISO 7064 MOD 11-2).
// d has 17 digits and the check character, 10 for X (GB 11643-1999).
func Identity(d []byte) bool {
	province := int(d[0])*10 + int(d[1])
	year, month, day := Value(d[6:], 4), Value(d[10:], 2), Value(d[12:], 2)
	if !provinces[province] || year < 1900 || year > 2099 || month < 1 || month > 12 || day < 1 || day > 31 {
		return false
	}
	sum, weight := 0, 1
	for i := 16; i >= 0; i-- {
		weight = weight * 2 % 11
		sum += int(d[i]) * weight
	}
	return (sum+int(d[17]))%11 == 1
}

// Province reports whether the first two digits of an identity number are in use.
func Province(p int) bool { return provinces[p] }

// provinces are the first two digits in use (GB/T 2260).
var provinces = func() (t [100]bool) {
	for _, p := range []int{11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83, 91} {
		t[p] = true
	}
	return t
}()

// Day reports whether d is YYMMDD.
func Day(d []byte) bool {
	month, day := Value(d[2:], 2), Value(d[4:], 2)
	return month >= 1 && month <= 12 && day >= 1 && day <= 31
}

// MonthYear reports whether the two are the expiry date of a card: a month, and a year of these decades in two digits.
// The bounds leave out most pairs of numbers; move them when cards expire later than 2050.
func MonthYear(month, year int) bool { return month >= 1 && month <= 12 && year >= 15 && year <= 50 }
