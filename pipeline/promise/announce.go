package promise

import (
	_ "embed" // the names of the zones
	"errors"
	"fmt"
	"strings"
	"time"

	"frontdesk/pipeline/words"
)

// Announce writes a promised time for the customer to read, in the language (BCP 47; Chinese in
// either script, English for all others) and in the zone of the desk, naming the zone. The year
// is written when it is not the one of now. It is exact to the minute.
// The text is for people only: nothing reads it back. zone and language never change what is promised.
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

// chinese is the time in the order of Chinese: date, weekday, time, zone.
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
// en is without "time", hans and hant without 时间 and 時間; zoneName adds them.
type place struct{ en, hans, hant string }

//go:embed zones.txt
var zoneFile string

// places are the zones with what they are called; zones that have no agreed name in Chinese are not among them.
var places = mustReadPlaces("promise/zones.txt", zoneFile)

// mustReadPlaces ends the program for a file that cannot be read: it is part of it, and a test finds that first.
func mustReadPlaces(file, text string) map[string]place {
	out, err := readPlaces(file, text)
	if err != nil {
		panic(err)
	}
	return out
}

// readPlaces reads a list for each city: its two Chinese names, and then its zones.
// To add a city, write its list into zones.txt; a zone may stand under one city only.
func readPlaces(file, text string) (map[string]place, error) {
	lists, err := words.ReadLists(file, text)
	if err != nil {
		return nil, err
	}
	out := map[string]place{}
	for _, city := range lists.Names() {
		p := place{en: city}
		if err := lists.Each(city, func(row string) error {
			hans, hant, names := strings.Cut(row, " / ")
			_, taken := out[row]
			switch {
			case names != (p.hans == ""):
				return errors.New("a city has its two Chinese names first, and then its zones")
			case names:
				p.hans, p.hant = hans, hant
				return nil
			case taken:
				return errors.New("the zone is there already")
			}
			out[row] = p
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// zoneName names the zone of t: by its city if it has a name in that language, else by its
// distance from UTC.
func zoneName(t time.Time, lang string) string {
	name := t.Location().String()
	p, known := places[name]
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

// offsetName is "UTC+08:00", and "UTC" for no distance.
func offsetName(t time.Time) string {
	if _, off := t.Zone(); off != 0 {
		return "UTC" + t.Format("-07:00")
	}
	return "UTC"
}
