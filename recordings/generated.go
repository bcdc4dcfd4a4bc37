package recordings

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A Form is the form of a generated value, as a recording writes it after the colon of
// minted.NAME:FORM. The zero value is a UUID.
//
//	hex64, HEX64            hexadecimal digits
//	digits6                 decimal digits
//	lower8, upper8, mixed8  small letters, capitals or both, and digits
//	base32-16               characters of base32, as the secret of an authenticator app has
//	base64-32, base64url-32 that many bytes in base64, with padding and without
//	jwt                     a token of three parts
//	png, svg, qr            a picture as a data URI; qr is a QR code that can be read
//	number3                 a JSON number of so many digits, without quotes around it
//	time in 5m as LAYOUT    a time from the moment of the replay, or "time 5m ago as LAYOUT",
//	                        or "time as LAYOUT"; the layout is how Go would write Monday,
//	                        2 January 2006, 15:04:05, or unix or unixms
//	number time in 5m as unix
//	                        such a time as a JSON number
type Form struct {
	Kind   string        // "" for a UUID, else as above, without the length
	Length int           // of hex, digits, …: characters or bytes
	Number bool          // it is a JSON number
	Offset time.Duration // of a time
	Layout string        // of a time
}

const (
	formTime   = "time"
	formNumber = "number"
	maxLength  = 1024
)

// String returns the form as a recording writes it.
func (f Form) String() string {
	switch f.Kind {
	case formTime:
		text := formTime
		switch {
		case f.Offset > 0:
			text += " in " + short(f.Offset)
		case f.Offset < 0:
			text += " " + short(-f.Offset) + " ago"
		}
		if f.Number {
			text = formNumber + " " + text
		}
		return text + " as " + f.Layout
	case "base32", "base64", "base64url":
		return f.Kind + "-" + strconv.Itoa(f.Length)
	default:
		if f.Length > 0 {
			return f.Kind + strconv.Itoa(f.Length)
		}
		return f.Kind
	}
}

// short writes a duration without its parts that are zero: 5m for 5m0s.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

var (
	sized = regexp.MustCompile(
		`^(?:(hex|HEX|digits|lower|upper|mixed|number)|(base32|base64|base64url)-)([0-9]{1,4})$`)
	moment = regexp.MustCompile(`^(number )?time(?: in ([0-9a-z.]+)| ([0-9a-z.]+) ago)? as (.+)$`)
)

// ParseForm reads the form in the name of a variable. A name without a form means a UUID. The
// error says which form is unknown.
func ParseForm(name string) (Form, error) {
	_, text, has := strings.Cut(name, ":")
	if !has || !strings.HasPrefix(name, minted) {
		return Form{}, nil
	}
	if pictures[text] != "" || text == "jwt" {
		return Form{Kind: text}, nil
	}
	if m := sized.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[3]) // it has four digits at most
		if n == 0 || n > maxLength || m[1] == formNumber && n > maxDigits {
			return Form{}, fmt.Errorf("{{%s}} has the length %d, want 1 to %d, and of a number to %d",
				name, n, maxLength, maxDigits)
		}
		return Form{Kind: m[1] + m[2], Length: n, Number: m[1] == formNumber}, nil
	}
	if m := moment.FindStringSubmatch(text); m != nil {
		f := Form{Kind: formTime, Number: m[1] != "", Layout: m[4]}
		var err error
		switch {
		case m[2] != "":
			f.Offset, err = time.ParseDuration(m[2])
		case m[3] != "":
			f.Offset, err = time.ParseDuration("-" + m[3])
		}
		if err != nil {
			return Form{}, fmt.Errorf("{{%s}} has no time such as 5m or 720h in it", name)
		}
		return f, nil
	}
	return Form{}, fmt.Errorf("{{%s}} has the unknown form %q, want jwt, png, svg, qr, hex64, HEX64, digits6, "+
		`lower8, upper8, mixed8, number3, base32-16, base64-32, base64url-32 or "time in 5m as 15:04"`, name, text)
}

// Unquoted removes the quotes around variables that are JSON numbers. In a body file
// they are strings, so that the file is JSON.
func Unquoted(text []byte) []byte {
	if !bytes.Contains(text, []byte(":number")) {
		return text
	}
	return quotedNumber.ReplaceAll(text, []byte("$1"))
}

var quotedNumber = regexp.MustCompile(`"(\{\{minted\.[A-Za-z0-9_.]*:number[A-Za-z0-9_.:,/\- ]*\}\})"`)

// maxDigits bounds a number, so that every reader of JSON reads it exactly.
const maxDigits = 15

// Generate makes a value of the form.
//
//	now     the moment from which times are counted
//	random  where the value comes from; reading from it never fails
func (f Form) Generate(now time.Time, random io.Reader) string {
	bytesOf := func(n int) []byte {
		b := make([]byte, n)
		_, _ = io.ReadFull(random, b) // it never fails
		return b
	}
	from := func(alphabet string, n int) string {
		b := bytesOf(n)
		for i := range b {
			b[i] = alphabet[int(b[i])%len(alphabet)]
		}
		return string(b)
	}
	const digits, small, capitals = "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	switch f.Kind {
	case formTime:
		return timeAs(now.Add(f.Offset).UTC(), f.Layout)
	case "hex":
		return from("0123456789abcdef", f.Length)
	case "HEX":
		return from("0123456789ABCDEF", f.Length)
	case "digits":
		return from(digits, f.Length)
	case formNumber:
		return from(digits[1:], 1) + from(digits, f.Length-1)
	case "lower":
		return from(small+digits, f.Length)
	case "upper":
		return from(capitals+digits, f.Length)
	case "mixed":
		return from(small+capitals+digits, f.Length)
	case "base32":
		return from(capitals+"234567", f.Length)
	case "base64":
		return base64.StdEncoding.EncodeToString(bytesOf(f.Length))
	case "base64url":
		return base64.RawURLEncoding.EncodeToString(bytesOf(f.Length))
	case "jwt":
		part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
		id := Form{}.Generate(now, random)
		return part(`{"alg":"HS256","typ":"JWT"}`) + "." + part(`{"jti":"`+id+`"}`) + "." +
			base64.RawURLEncoding.EncodeToString(bytesOf(32)) //nolint:mnd // of HS256
	case "":
		b := bytesOf(16)                            //nolint:mnd // of a UUID
		b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80 // of version 4
		h := hex.EncodeToString(b)
		return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
	case "svg":
		comment := "<!--" + hex.EncodeToString(bytesOf(9)) + "-->" //nolint:mnd // any
		return pictures[f.Kind] + base64.StdEncoding.EncodeToString([]byte(comment))
	default: // what follows the end of a PNG is not looked at
		return pictures[f.Kind] + base64.StdEncoding.EncodeToString(bytesOf(9)) //nolint:mnd // any
	}
}

// timeAs writes a time in a layout.
func timeAs(t time.Time, layout string) string {
	switch layout {
	case "unix":
		return strconv.FormatInt(t.Unix(), 10)
	case "unixms":
		return strconv.FormatInt(t.UnixMilli(), 10)
	default:
		return t.Format(layout)
	}
}

// pictures are the beginnings of small ones of each kind, whose bytes are a multiple of
// three; the QR code says FLOWTEST.
var pictures = map[string]string{
	"png": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwAD" +
		"hgGAWjR9awAAAABJRU5ErkJgggAA",
	"qr": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAB0AAAAdAQMAAABsXfVMAAAABlBMVEX///8AAABVwtN+" +
		"AAAAeElEQVR42mzNIQqCQRBH8YdpYNSpRpNB8AMxWr2AyYNoFPmfw7SgQRTWAxj2LhZhwQNoEvu+A7wfreJZhE2T8F" +
		"snPGXh9yysG4uoRWDAYPEAX2+g91pCjL7Q/+yA4V7E+wo2mYOfq/DLVvjpIGx2/F9WTfsXAAD//xt/HDD1aMIDAAAA" +
		"AElFTkSuQmCC",
	"svg": "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSIx" +
		"IiBoZWlnaHQ9IjEiLz4K",
}
