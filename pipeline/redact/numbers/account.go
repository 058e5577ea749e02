// Package numbers says what a run of digits is: a card, an identity number, an account, an order.
package numbers

// accounts are the lengths of international bank account numbers by country (ISO 13616).
// Each entry is a country (ISO 3166-1) and a length with its four leading characters; a new country of the registry is added in its place.
const accounts = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30"

// Account returns where the international bank account number ends that begins at i with its country, 0 if there is none: the
// country's length, in groups or not, and a remainder of 1 (ISO 7064 MOD 97-10).
// s[i:] must have two bytes at least. Groups may be parted by one space or dash.
func Account(s string, i int) int {
	want := 0
	for k := 0; k < len(accounts); k += 4 {
		if accounts[k:k+2] == s[i:i+2] {
			want = int(accounts[k+2]-'0')*10 + int(accounts[k+3]-'0')
		}
	}
	var b [34]byte
	n, j := 0, i
	for ; j < len(s) && n < want; j++ {
		switch c := s[j]; {
		case 'A' <= c && c <= 'Z' || '0' <= c && c <= '9':
			b[n] = c
			n++
		case (c == ' ' || c == '-') && s[j-1] != ' ' && s[j-1] != '-':
		default:
			return 0
		}
	}
	if n == 0 || n < want {
		return 0
	}
	rest := 0
	for k := range n {
		if c := b[(k+4)%n]; c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	if rest != 1 {
		return 0
	}
	return j
}
