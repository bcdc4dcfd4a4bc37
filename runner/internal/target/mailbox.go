package target

import (
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"flowtest/recordings/strictyaml"
	"flowtest/steps/secret"
	"flowtest/steps/words"
)

const (
	keyPopulation = "population"
	keyReadOnly   = "readOnly"
	keyMail       = "mail"
	keySMS        = "sms"

	keyMailType = "type"
	keyMailURL  = "url"
	keyListen   = "listen"
	keyCode     = "code"
	keyLink     = "link"
	keyWait     = "wait"
)

// The types of a [Mailbox].
const (
	MailMailpit = "mailpit" // asked over the HTTP API of Mailpit
	MailIMAP    = "imap"    // a mailbox
	MailSMTP    = "smtp"    // a server that flowtest opens for the run
	MailSMS     = "sms"     // a server for text messages that flowtest opens for the run
)

// mailKeys are the keys of each type, besides those of all.
var mailKeys = map[string][]string{
	MailMailpit: {keyMailURL}, MailIMAP: {keyMailURL, "username", "password"},
	MailSMTP: {keyListen}, MailSMS: {keyListen},
}

// mailExamples are of keys, with the types that they are of.
var mailExamples = map[string]string{
	keyMailURL + MailMailpit: " such as http://localhost:8025",
	keyMailURL + MailIMAP:    " such as imaps://mail.example.com",
	"username" + MailIMAP:    " such as codes@example.com",
	"password" + MailIMAP:    " such as ${MAIL_PASSWORD}",
	keyListen + MailSMTP:     " such as 127.0.0.1:2525",
	keyListen + MailSMS:      " such as 127.0.0.1:2525",
}

// DefaultMailWait is how long a run waits for a message.
const DefaultMailWait = 30 * time.Second

// A Mailbox is where a run finds the messages that a flow sends.
type Mailbox struct {
	// Type is one of the types above.
	Type string

	// URL is the base of Mailpit, such as http://localhost:8025, or that of the mailbox,
	// such as imaps://mail.example.com. Empty for the other types.
	URL string

	// Username and Password are those of the mailbox. Empty for the other types.
	Username string
	Password secret.Value

	// Listen is HOST:PORT where flowtest takes messages in. Empty for the other types.
	Listen string

	// Code finds the code in the text of a message: its first group, or else all that
	// it matches. Nil means the only group of 4 to 8 digits.
	Code *regexp.Regexp

	// Link finds the link likewise. Nil means the only link.
	Link *regexp.Regexp

	// Wait bounds how long a step waits for a message. It is above 0.
	Wait time.Duration
}

// readMailbox reads the section mail or sms of a live target.
func readMailbox(r reader, d *declared, e strictyaml.Entry) {
	path := strictyaml.Join(d.path, e.Key)
	kind, example := MailSMS, "{listen: 127.0.0.1:2525}"
	if e.Key == keyMail {
		kind, example = "", "{type: mailpit, url: http://localhost:8025}"
	}
	if _, ok := e.Value.(*ast.MappingNode); !ok {
		r.Add(strictyaml.PlaceOf(e.Value), "%s is not a mapping, want one such as %s", path, example)
		return
	}
	box := map[string]setting{}
	entries, _ := r.Entries(path, e.Value)
	given := map[string]bool{}
	for _, e := range entries {
		given[e.Key] = true
		if s, ok := r.setting(strictyaml.Join(path, e.Key), e.Value, e.Key == keyWait || e.Key == keyListen); ok {
			box[e.Key] = s
		}
	}
	if kind == "" {
		if kind = mailType(r, path, e, box, given[keyMailType], example); kind == "" {
			return
		}
	}
	known := append(slices.Clone(mailKeys[kind]), keyCode, keyLink, keyWait)
	if e.Key == keyMail {
		known = append(known, keyMailType)
	}
	for key, s := range box {
		switch text, literal := s.literal(); {
		case !slices.Contains(known, key):
			r.Add(s.at, "%s is not a setting of this type, want %s", s.path, words.Or(known))
		case key == "password":
			s.checkSecret(r.Reader)
		case literal:
			if problem := problemOfMail(key, kind, text); problem != "" {
				r.Add(s.at, "%s %s", s.path, problem)
			}
		}
	}
	for _, key := range mailKeys[kind] {
		if !given[key] {
			r.Add(e.At, "%s has no %s, want one%s", path, key, mailExamples[key+kind])
		}
	}
	d.boxes[e.Key] = box
}

// mailType reads the type of the section mail, which is "" if it is wrong.
func mailType(r reader, path string, e strictyaml.Entry, box map[string]setting, given bool, example string) string {
	kind := box[keyMailType]
	switch {
	case !given:
		r.Add(e.At, "%s has no type, want mailpit, imap or smtp, as in %s", path, example)
		return ""
	case kind.path == "":
		return "" // it is not text, and that has been noted
	case mailKeys[kind.raw] == nil || kind.raw == MailSMS:
		r.Add(kind.at, "%s is %q, want mailpit, imap or smtp%s", kind.path, kind.raw,
			words.DidYouMean(": ", kind.raw, []string{MailMailpit, MailIMAP, MailSMTP}))
		return ""
	default:
		return kind.raw
	}
}

// problemOfMail says what is wrong with a setting of a mailbox, as [problemOf] does.
func problemOfMail(key, kind, text string) string {
	if text == "" {
		return "is empty, want a value or no such setting"
	}
	switch key {
	case keyMailURL:
		return problemOfMailURL(kind, text)
	case keyListen:
		switch host, port, err := net.SplitHostPort(text); {
		case err != nil || port == "" || port != "0" && !isPort(port):
			return "is not an address, want HOST:PORT such as 127.0.0.1:2525"
		case host == "":
			return "has no host, so that anyone could reach it, want HOST:PORT such as 127.0.0.1:2525"
		}
	case keyCode, keyLink:
		if e, err := regexp.Compile(text); err != nil || e.NumSubexp() > 1 {
			return "is not a regular expression with one group or none, want one such as 'code is (\\d+)'"
		}
	case keyWait:
		if d, err := time.ParseDuration(text); err != nil || d <= 0 {
			return "is not a time above 0, want one such as 30s"
		}
	}
	return ""
}

// problemOfMailURL holds the URL of a mailbox to what codes may be read from.
func problemOfMailURL(kind, text string) string {
	over, plain, example := "https", "http", "http://localhost:8025"
	if kind == MailIMAP {
		over, plain, example = "imaps", "imap", "imaps://mail.example.com"
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || strings.ContainsAny(text, blanks) || !isPort(u.Port()),
		u.Scheme != over && u.Scheme != plain:
		return "is not a URL of this type, want one such as " + example
	case u.Scheme == plain && !isLoopback(u):
		return "is " + plain + ", want " + over + ": only " + onThisMachine + " may be reached without TLS"
	case u.User != nil || strings.ContainsAny(text, "?#"):
		return "holds a user name, a query or a fragment, want none of them"
	}
	return ""
}

// mailbox returns the mailbox below a key of a live target, nil if it has none.
func (r *resolver) mailbox(key string) *Mailbox {
	box, given := r.d.boxes[key]
	if !given {
		return nil
	}
	kind := box[keyMailType].raw
	if key == keySMS {
		kind = MailSMS
	}
	value := func(key string) string {
		s, given := box[key]
		if !given {
			return ""
		}
		text, ok := s.expand(r.lookup, r.m)
		_, literal := s.literal()
		if problem := problemOfMail(key, kind, text); ok && !literal && key != "password" && problem != "" {
			r.m.Add(s.at, "%s %s", s.path, problem)
			return ""
		}
		return text
	}
	pattern := func(key string) *regexp.Regexp {
		text := value(key)
		if text == "" {
			return nil
		}
		e, _ := regexp.Compile(text) // checked
		return e
	}
	m := &Mailbox{
		Type: kind, URL: strings.TrimRight(value(keyMailURL), "/"), Username: value("username"),
		Password: secret.New(value("password")), Listen: value(keyListen), Code: pattern(keyCode),
		Link: pattern(keyLink), Wait: DefaultMailWait,
	}
	if d, err := time.ParseDuration(value(keyWait)); err == nil {
		m.Wait = d
	}
	return m
}
