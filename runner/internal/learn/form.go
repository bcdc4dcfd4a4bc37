package learn

import (
	"cmp"
	"encoding/base64"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"flowtest/recordings"
)

// A token is a part of a text that is generated as a whole: what is known already and has a
// mark, a picture, a signed token, a
// date, a time, a date with its time, or a word.
var token = compiled(strings.Join([]string{
	`\x00\{[^\x00]*\}\x00`,
	`data:image/[a-z+.-]+;base64,[A-Za-z0-9+/=]*`,
	`eyJ[\w-]+\.[\w-]+\.[\w-]*`,
	`[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2}\b)?`,
	`(?:` + dates + `)(?:(?: at|,)? (?:` + clocks + `))?`,
	clocks,
	`[\w-]+`,
}, "|"))

const (
	dates = `(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,? )?(?:` +
		`(?:` + months + `) [0-9]{1,2}, [0-9]{4}|[0-9]{1,2} (?:` + months + `) [0-9]{4}|` +
		`[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}|[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}|[0-9]{4}[/-][0-9]{2}[/-][0-9]{2}\b)`
	months = `Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:tember)?|` +
		`Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?`
	clocks = `\b[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: ?[AP]M\b)?`
)

// layouts are those in which a date and a time of day are written.
var (
	dateLayouts = []string{
		"2006-01-02", "2006/01/02", "1/2/2006", "01/02/2006", "2/1/2006", "02/01/2006", "2.1.2006", "02.01.2006",
		"Jan 2, 2006", "Jan 02, 2006", "January 2, 2006", "January 02, 2006",
		"02 Jan 2006", "2 Jan 2006", "2 January 2006", "02 January 2006",
	}
	clockLayouts = []string{
		"15:04", "15:04:05", "3:04 PM", "3:04:05 PM", "03:04 PM", "03:04:05 PM", "3:04PM", "03:04PM",
	}
	weekdays = compiled(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:[a-z]*day)?,?$`)
	isoForm  = compiled(`^[0-9-]{10}([T ])[0-9:]{5}(:[0-9]{2})?(\.[0-9]+)?(Z|[+-].*)?$`)
)

// A written time is a time as a text has it.
type written struct {
	layout string
	at     time.Time
	unit   time.Duration // what the layout leaves out is shorter
	clock  bool          // it has no date
	far    time.Duration // how far it is from the moment of its answer
}

// times returns the ways in which a whole text may be read as a time.
func times(text string) []written {
	const longest = 64
	if len(text) < len("9:04") || len(text) > longest || !strings.ContainsAny(text, " :/.-") ||
		text[0] > '9' && !strings.Contains(text, " ") {
		return nil
	}
	if m := isoForm().FindStringSubmatch(text); m != nil {
		return parsed(text, isoLayout(m))
	}
	weekday, rest := "", text
	if day, after, _ := strings.Cut(text, " "); weekdays().MatchString(day) {
		weekday, rest = "Mon", after
		if strings.Contains(day, "day") {
			weekday = "Monday"
		}
		weekday += strings.Repeat(",", strings.Count(day, ",")) + " "
	}
	var out []written
	for _, date := range dateLayouts {
		out = append(out, parsed(text, weekday+date)...)
		if !strings.Contains(rest, ":") {
			continue
		}
		for _, clock := range clockLayouts {
			for _, between := range []string{" ", " at ", ", "} {
				out = append(out, parsed(text, weekday+date+between+clock)...)
			}
		}
	}
	if strings.Contains(rest, ":") {
		for _, clock := range clockLayouts {
			out = append(out, parsed(text, clock)...)
		}
	}
	return out
}

// isoLayout returns the layout of a time that [isoForm] matched.
func isoLayout(m []string) string {
	layout := "2006-01-02" + m[1] + "15:04"
	if m[2] != "" {
		layout += ":05"
	}
	if m[3] != "" {
		layout += "." + strings.Repeat("0", len(m[3])-1)
	}
	switch {
	case m[4] == "Z":
		layout += "Z"
	case strings.Contains(m[4], ":"):
		layout += "-07:00"
	case m[4] != "":
		layout += "-0700"
	}
	return layout
}

// parsed reads a text in a layout, if it is exactly as the layout writes it.
func parsed(text, layout string) []written {
	at, err := time.Parse(layout, text)
	if err != nil || at.Format(layout) != text {
		return nil
	}
	w := written{layout: layout, at: at, unit: time.Second, clock: !strings.Contains(layout, "2006")}
	switch {
	case !strings.Contains(layout, ":04"):
		w.unit = 24 * time.Hour //nolint:mnd // a day
	case !strings.Contains(layout, ":05"):
		w.unit = time.Minute
	}
	return []written{w}
}

// offset is how far a written time is from now. A clock without a date is the nearest.
func (w *written) offset(now time.Time) time.Duration {
	const day = 24 * time.Hour
	now = now.UTC()
	if w.clock {
		at := now.Truncate(day).Add(w.at.Sub(w.at.Truncate(day)))
		d := at.Sub(now.Truncate(w.unit))
		if d > day/2 {
			d -= day
		} else if d < -day/2 {
			d += day
		}
		return rounded(d)
	}
	return rounded(w.at.Sub(now.Truncate(w.unit)))
}

// rounded removes from a distance what the network and the difference of two clocks add.
func rounded(d time.Duration) time.Duration {
	const day = 24 * time.Hour
	unit := time.Hour
	switch far := d.Abs(); {
	case far < 2*time.Minute:
		unit = 5 * time.Second //nolint:mnd // a step that a person takes
	case far < time.Hour:
		unit = 10 * time.Second //nolint:mnd // likewise
	case far < 2*day:
		unit = time.Minute
	}
	return d.Round(unit)
}

// The kinds of form that a value may have, the one that says most first.
const (
	isUUID = 1 << iota
	isToken
	isPNG
	isSVG
	isTime
	isDigits
	isHex
	isHEX
	isBase32
	isLower
	isUpper
	isMixed
	isBase64URL
	isBase64
)

// A look describes the form of the values at one place.
type look struct {
	is     int       // bits
	length int       // of the longest
	bytes  int       // that base64 of the longest has
	times  []written // the nearest first
}

var (
	base32Form = compiled(`^[A-Z2-7]+$`)
	base64Form = compiled(`^[A-Za-z0-9+/]+={0,2}$`)
	hexDigits  = compiled(`^[0-9a-f]+$`)
	bigDigits  = compiled(`^[0-9A-F]+$`)
	svgPicture = compiled(`^data:image/svg`)
	tokenForm  = compiled(`^eyJ[\w-]+\.[\w-]+\.[\w-]*$`)
)

// lookAt returns the form of a value in an answer of that time.
func lookAt(text string, now time.Time) look {
	const (
		shortHex, shortSecret, shortBytes = 8, 16, 20
		block                             = 8 // of base32
	)
	l := look{length: len(text)}
	set := func(is int, does bool) {
		if does {
			l.is |= is
		}
	}
	whole := picture().FindString(text)
	set(isUUID, uuidForm().MatchString(text))
	set(isToken, tokenForm().MatchString(text))
	set(isSVG, whole == text && svgPicture().MatchString(text))
	set(isPNG, whole == text && text != "" && l.is&isSVG == 0)
	set(isDigits, onlyDigits(text))
	l.times = times(text)
	if l.is&isDigits != 0 {
		l.times = epochs(text, now)
	}
	set(isTime, len(l.times) > 0)
	for i := range l.times {
		if !now.IsZero() {
			l.times[i].far = l.times[i].offset(now)
		}
	}
	slices.SortStableFunc(l.times, func(a, b written) int { return cmp.Compare(a.far.Abs(), b.far.Abs()) })
	d, letters := digitsAndLetters(text)
	plain := d+letters == len(text) && len(text) > 0
	set(isHex, len(text) >= shortHex && hexDigits().MatchString(text))
	set(isHEX, len(text) >= shortHex && bigDigits().MatchString(text))
	set(isBase32, len(text) >= shortSecret && len(text)%block == 0 && base32Form().MatchString(text))
	set(isLower, plain && strings.ToLower(text) == text)
	set(isUpper, plain && strings.ToUpper(text) == text)
	set(isMixed, plain && len(text) < shortBytes)
	raw, err := base64.RawURLEncoding.DecodeString(text)
	set(isBase64URL, len(text) >= shortSecret && err == nil && len(raw) > 0)
	l.bytes = len(raw)
	raw, err = base64.StdEncoding.DecodeString(text)
	set(isBase64, len(text) >= shortSecret && err == nil && len(raw) > 0 && base64Form().MatchString(text))
	l.bytes = max(l.bytes, len(raw))
	return l
}

// epochs reads digits as the seconds or milliseconds since 1970, if that is about now.
func epochs(text string, now time.Time) []written {
	const seconds, milliseconds, days, ten = 10, 13, 400, 10
	n := int64(0)
	for _, c := range text {
		n = min(n, math.MaxInt64/ten-ten)*ten + int64(c-'0')
	}
	w := written{unit: time.Second}
	switch len(text) {
	case seconds:
		w.layout, w.at = "unix", time.Unix(n, 0)
	case milliseconds:
		w.layout, w.at = "unixms", time.UnixMilli(n)
	}
	if w.layout == "" || now.IsZero() || w.at.Sub(now).Abs() > days*24*time.Hour {
		return nil
	}
	return []written{w}
}

// and returns what two looks have in common.
func (l look) and(o look) look {
	out := look{is: l.is & o.is, length: max(l.length, o.length), bytes: max(l.bytes, o.bytes)}
	for _, a := range l.times {
		for _, b := range o.times {
			if fraction(a.layout) == fraction(b.layout) {
				if len(b.layout) > len(a.layout) {
					a.layout = b.layout
				}
				if a.far != b.far {
					a.far = 0
				}
				out.times = append(out.times, a)
				break
			}
		}
	}
	if len(out.times) == 0 {
		out.is &^= isTime
	}
	return out
}

// fraction removes the fraction of a second from a layout: some services omit its zeros.
func fraction(layout string) string {
	before, after, ok := strings.Cut(layout, ".0")
	if !ok {
		return layout
	}
	return before + strings.TrimLeft(after, "0")
}

// form returns the most specific form of the values; ok is false if they have none in common.
func (l look) form() (f recordings.Form, ok bool) {
	kinds := map[int]string{
		isUUID: "", isToken: "jwt", isPNG: "png", isSVG: "svg", isDigits: "digits", isHex: "hex", isHEX: "HEX",
		isBase32: "base32", isLower: "lower", isUpper: "upper", isMixed: "mixed", isBase64URL: "base64url",
		isBase64: "base64",
	}
	for is := isUUID; is <= isBase64; is <<= 1 {
		switch {
		case l.is&is == 0:
		case is == isTime:
			return recordings.Form{Kind: "time", Offset: l.times[0].far, Layout: l.times[0].layout}, true
		case is <= isSVG:
			return recordings.Form{Kind: kinds[is]}, true
		case is >= isBase64URL:
			return recordings.Form{Kind: kinds[is], Length: l.bytes}, true
		default:
			return recordings.Form{Kind: kinds[is], Length: l.length}, true
		}
	}
	return recordings.Form{}, false
}

// number returns the form of a JSON number.
func (l look) number() recordings.Form {
	f, ok := l.form()
	if !ok || f.Kind != "time" {
		f = recordings.Form{Kind: "number", Length: min(max(l.length, 1), 15)} //nolint:mnd // what a number can have
	}
	f.Number = true
	return f
}

// generated reports whether a service may have generated a part of a text: words that a
// person wrote are not.
func generated(text string, l look) bool {
	const short = 4
	d, letters := digitsAndLetters(text)
	return l.is&(isUUID|isToken|isPNG|isSVG|isTime|isDigits) != 0 || looksGenerated(text) ||
		len(text) >= short && d > 0 && letters > 0
}

// momentOf returns when a step was answered, as far as it is known.
func momentOf(s *step) time.Time {
	if date, err := http.ParseTime(s.x.ResponseHeader.Get("Date")); err == nil {
		return date
	}
	if s.x.Began.IsZero() {
		return s.x.Began
	}
	return s.x.Began.Add(s.x.Took)
}

// soon returns what a time looks like that is the present or due soon, and that the journeys had
// no time to differ in. It is false if none of the written ones is.
func (t *templating) soon(ways []written) (look, bool) {
	now := momentOf(t.s)
	const soon, day = 15 * time.Minute, 24 * time.Hour
	for _, at := range ways {
		most := soon
		switch {
		case at.unit < time.Minute && t.spreads[place{t.s.node, t.s.detailed, ""}] >= at.unit:
			continue
		case at.unit == day:
			most = 0
		case !at.clock && at.unit >= time.Minute:
			most = day
		}
		at.far = at.offset(now)
		if 0 <= at.far && at.far <= most {
			return look{is: isTime, times: []written{at}}, true
		}
	}
	return look{}, false
}
