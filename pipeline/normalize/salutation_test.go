package normalize

import "testing"

// TestSalutationsByLanguage: they say what language somebody writes and nothing of what he wants.
func TestSalutationsByLanguage(t *testing.T) {
	t.Parallel()
	const words = "XYZW zzzz"
	for language, lines := range map[string][]string{
		"German":     {"Sehr geehrter Herr Müller,", "Sehr geehrtes Team,", "Liebes Team,", "Werte Damen und Herren,", "Grüß Gott,"},
		"Spanish":    {"Muy señores míos:", "Estimados señores:"},
		"Portuguese": {"Exmos. Senhores,", "Prezado atendimento,"},
		"Italian":    {"Gentilissimi,", "Spettabile ditta,", "Egregio signore,"},
		"Polish":     {"Szanowny Panie,", "Szanowni Państwo,"},
		"Russian":    {"Доброго времени суток!", "Уважаемые коллеги,"},
		"Ukrainian":  {"Шановні,", "Доброго дня!"},
		"Turkish":    {"Merhabalar,", "Sayın Yetkili,"},
		"Greek":      {"Γεια σας,", "Αγαπητή ομάδα,", "Αξιότιμοι κύριοι,"},
		"Indonesian": {"Yth. Tim Dukungan,", "Dengan hormat,", "Selamat sore,"},
		"Malay":      {"Tuan/Puan,", "Selamat petang,"},
		"Thai":       {"เรียน ฝ่ายบริการ", "สวัสดีครับ", "สวัสดีค่ะ"},
		"Japanese":   {"サポート御中", "担当者様", "ご担当者様"},
		"Korean":     {"담당자님께,", "안녕하세요,"},
		"Arabic":     {"مرحباً،", "السادة الكرام،", "السلام عليكم ورحمة الله،"},
		"Hebrew":     {"שלום רב,", "לכבוד שירות הלקוחות,"},
	} {
		for _, line := range lines {
			if got := Core(line + "\n\n" + words); got != words {
				t.Errorf("%s: the core of %q is %q", language, line, got)
			}
		}
	}
	if got := Speaks("Failed payment", Core("Sehr geehrter Kunde,\n\nSie haben ein Fax erhalten, aber es war nicht zu lesen."), "", false); got.Language != "de" {
		t.Errorf("German words under an English subject are %q", got.Language)
	}
}
