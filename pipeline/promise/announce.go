package promise

import (
	"fmt"
	"strings"
	"time"
)

// Announce writes a promised time for the customer to read, in the language (BCP 47; Chinese in
// either script, English for all others) and in the zone of the desk, naming the zone. The year
// is written when it is not the one of now. It is exact to the minute.
func Announce(due time.Time, lang string, zone *time.Location, now time.Time) string {
	t := due.In(zone)
	otherYear := t.Year() != now.In(zone).Year()
	switch script(lang) {
	case "zh-Hans":
		return chinese(t, otherYear, weekdayName("星期", t.Weekday()), zoneName(t, "zh-Hans"))
	case "zh-Hant":
		return chinese(t, otherYear, weekdayName("週", t.Weekday()), zoneName(t, "zh-Hant"))
	}
	layout := "Monday 2 January, 15:04"
	if otherYear {
		layout = "Monday 2 January 2006, 15:04"
	}
	return t.Format(layout) + " (" + zoneName(t, "en") + ")"
}

// AnnounceShort is Announce for a message whose characters cost: without the weekday, and with the short name of the month in English.
func AnnounceShort(due time.Time, lang string, zone *time.Location, now time.Time) string {
	t := due.In(zone)
	otherYear := t.Year() != now.In(zone).Year()
	if s := script(lang); s != "en" {
		text := fmt.Sprintf("%d月%d日%s（%s）", t.Month(), t.Day(), t.Format("15:04"), zoneName(t, s))
		if otherYear {
			return fmt.Sprintf("%d年%s", t.Year(), text)
		}
		return text
	}
	layout := "2 Jan 15:04"
	if otherYear {
		layout = "2 Jan 2006 15:04"
	}
	return t.Format(layout) + " (" + zoneName(t, "en") + ")"
}

// weekdayName writes the weekday behind the word for week in the script.
func weekdayName(week string, day time.Weekday) string {
	return week + string([]rune("日一二三四五六")[day])
}

func chinese(t time.Time, year bool, day, zone string) string {
	text := fmt.Sprintf("%d月%d日（%s）%s（%s）", t.Month(), t.Day(), day, t.Format("15:04"), zone)
	if year {
		return fmt.Sprintf("%d年%s", t.Year(), text)
	}
	return text
}

// script reduces a language tag to the texts that exist here.
func script(lang string) string {
	l := strings.ToLower(strings.ReplaceAll(lang, "_", "-"))
	if l != "zh" && !strings.HasPrefix(l, "zh-") {
		return "en"
	}
	if strings.Contains(l, "hans") {
		return "zh-Hans"
	}
	for _, traditional := range []string{"hant", "-tw", "-hk", "-mo"} {
		if strings.Contains(l, traditional) {
			return "zh-Hant"
		}
	}
	return "zh-Hans"
}

// place is what a zone is called where customers are likely to live in it.
type place struct{ en, hans, hant string }

// placeOf names the zones by the city that people use for them; ok is false for zones that have
// no agreed name in Chinese.
func placeOf(zone string) (place, bool) {
	switch zone {
	case "Asia/Shanghai", "Asia/Chongqing", "Asia/Harbin", "PRC":
		return place{"Shanghai", "北京", "北京"}, true
	case "Asia/Hong_Kong", "Hongkong":
		return place{"Hong Kong", "香港", "香港"}, true
	case "Asia/Macau":
		return place{"Macau", "澳门", "澳門"}, true
	case "Asia/Taipei", "ROC":
		return place{"Taipei", "台北", "台北"}, true
	case "Asia/Singapore", "Singapore":
		return place{"Singapore", "新加坡", "新加坡"}, true
	case "Asia/Kuala_Lumpur":
		return place{"Kuala Lumpur", "吉隆坡", "吉隆坡"}, true
	case "Asia/Tokyo", "Japan":
		return place{"Tokyo", "东京", "東京"}, true
	case "Asia/Seoul":
		return place{"Seoul", "首尔", "首爾"}, true
	case "Asia/Bangkok":
		return place{"Bangkok", "曼谷", "曼谷"}, true
	case "Asia/Dubai":
		return place{"Dubai", "迪拜", "杜拜"}, true
	case "Europe/London":
		return place{"London", "伦敦", "倫敦"}, true
	case "Europe/Paris":
		return place{"Paris", "巴黎", "巴黎"}, true
	case "Europe/Berlin":
		return place{"Berlin", "柏林", "柏林"}, true
	case "America/New_York":
		return place{"New York", "纽约", "紐約"}, true
	case "America/Los_Angeles":
		return place{"Los Angeles", "洛杉矶", "洛杉磯"}, true
	case "America/Toronto":
		return place{"Toronto", "多伦多", "多倫多"}, true
	case "Australia/Sydney":
		return place{"Sydney", "悉尼", "雪梨"}, true
	}
	return place{}, false
}

// zoneName names the zone of t: by its city if it has a name in that language, else by its
// distance from UTC.
func zoneName(t time.Time, lang string) string {
	name := t.Location().String()
	p, known := placeOf(name)
	switch {
	case known && lang == "zh-Hans":
		return p.hans + "时间"
	case known && lang == "zh-Hant":
		return p.hant + "時間"
	case known:
		return p.en + " time"
	}
	area, city, ok := strings.Cut(name, "/")
	if lang == "en" && ok && area != "Etc" {
		city = city[strings.LastIndexByte(city, '/')+1:]
		return strings.ReplaceAll(city, "_", " ") + " time"
	}
	return offsetName(t)
}

func offsetName(t time.Time) string {
	if _, off := t.Zone(); off != 0 {
		return "UTC" + t.Format("-07:00")
	}
	return "UTC"
}
