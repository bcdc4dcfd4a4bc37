package mail

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
	gomessage "github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // messages in other character sets
	"github.com/emersion/go-message/mail"

	"flowtest/steps/words"
)

// maxMessage limits how much of a message is read, in bytes.
const maxMessage = 4 << 20

var (
	number = regexp.MustCompile(`\d+`)
	link   = regexp.MustCompile(`https?://[^\s<>"'\x60)\]]+`)
)

// The shortest and the longest code.
const (
	shortest = 4
	longest  = 8
)

// codeIn returns the code in a message: the match of the pattern, or without a pattern the
// only group of 4 to 8 digits. Its error quotes nothing from the message.
func codeIn(m *message, pattern *regexp.Regexp) (string, error) {
	text := m.plain()
	if pattern != nil {
		return matched(text, pattern, "code")
	}
	var codes []string
	for _, n := range number.FindAllString(text, -1) {
		if len(n) >= shortest && len(n) <= longest && !slices.Contains(codes, n) {
			codes = append(codes, n)
		}
	}
	if len(codes) != 1 {
		return "", fmt.Errorf("it has %s of 4 to 8 digits, want one: set a pattern below code of the target",
			words.Count(len(codes), "group"))
	}
	return codes[0], nil
}

// linkIn returns the link in a message in the same way.
func linkIn(m *message, pattern *regexp.Regexp) (string, error) {
	if pattern != nil {
		return matched(m.text+"\n"+strings.Join(m.links(), "\n"), pattern, "link")
	}
	links := m.links()
	if len(links) != 1 {
		return "", fmt.Errorf("it has %s, want one: set a pattern below link of the target",
			words.Count(len(links), "link"))
	}
	return links[0], nil
}

func matched(text string, pattern *regexp.Regexp, key string) (string, error) {
	m := pattern.FindStringSubmatch(text)
	if m == nil || m[len(m)-1] == "" {
		return "", errors.New("the pattern below " + key + " of the target matches nothing in it")
	}
	return m[len(m)-1], nil
}

// plain returns the text of a message as a person reads it.
func (m *message) plain() string {
	if strings.TrimSpace(m.text) != "" {
		return m.text
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(m.html))
	if err != nil {
		return ""
	}
	doc.Find("script,style,head").Remove()
	doc.Find("br,p,div,td,tr,li,h1,h2,h3,h4").Each(func(_ int, s *goquery.Selection) { s.AppendHtml("\n") })
	return doc.Text()
}

// links returns the links of a message, each once.
func (m *message) links() []string {
	var out []string
	add := func(address string) {
		if address = strings.TrimRight(address, ".,;:!?"); !slices.Contains(out, address) {
			out = append(out, address)
		}
	}
	if doc, err := goquery.NewDocumentFromReader(strings.NewReader(m.html)); err == nil {
		doc.Find("a[href]").Each(func(_ int, s *goquery.Selection) {
			if to, _ := s.Attr("href"); link.MatchString(to) {
				add(to)
			}
		})
	}
	for _, to := range link.FindAllString(m.text, -1) {
		add(to)
	}
	return out
}

// parse reads a message in its wire format.
func parse(r io.Reader, at time.Time, to []string) (message, error) {
	m := message{at: at, to: to}
	whole, err := mail.CreateReader(io.LimitReader(r, maxMessage))
	if err != nil && !gomessage.IsUnknownCharset(err) { // an unknown charset does not change digits and links
		return m, errors.New("the message is not readable")
	}
	defer func() { _ = whole.Close() }() // an error of Close does not matter
	for _, name := range []string{"To", "Cc"} {
		list, _ := whole.Header.AddressList(name)
		for _, address := range list {
			m.to = append(m.to, address.Address)
		}
	}
	for {
		part, err := whole.NextPart()
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		if err != nil && !gomessage.IsUnknownCharset(err) {
			return m, errors.New("a part of the message is not readable")
		}
		header, inline := part.Header.(*mail.InlineHeader)
		if !inline {
			continue
		}
		body, err := io.ReadAll(part.Body)
		if err != nil {
			return m, errors.New("a part of the message is not readable")
		}
		switch kind, _, _ := header.ContentType(); kind {
		case "text/html":
			m.html += string(body)
		case "text/plain", "":
			m.text += string(body)
		}
	}
}
