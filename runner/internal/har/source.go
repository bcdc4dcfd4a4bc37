package har

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxString bounds a JSON string as it is in the file. Six bytes of it may be
// one of the value, and what has more than the bound of Base64 text is too large
// anyway; so a string that was cut is always reported as too large.
const maxString = 6 * (2*MaxBody + 1)

// A source reads a HAR for the JSON decoder, which holds a whole entry in memory. It drops the
// ends of strings that are too long for a body, so that a film in an entry costs nothing, and
// counts the lines.
type source struct {
	from  *bufio.Reader
	read  int64 // bytes taken from the file
	given int64 // bytes handed to the decoder
	entry int64 // given, when the entry began

	inString bool
	escape   int // bytes of an escape sequence that are to come
	length   int // of the string so far
	cut      bool

	line  int     // lines that ended before the mark
	ends  []int64 // given, at the line ends since
	drops []drop  // since the mark
	shift int64   // what was dropped before the mark
}

// A drop is a part of the file that the decoder did not get.
type drop struct{ at, bytes int64 }

func newSource(r io.Reader) *source { return &source{from: bufio.NewReaderSize(r, 64<<10), line: 1} }

var (
	errLarge = sizeError(fmt.Sprintf("a file over %d MiB", MaxFile>>20), fmt.Sprintf("at most %d MiB", MaxFile>>20))
	errEntry = errors.New("an entry is too large")
)

// skipMark skips the mark that some programs write before UTF-8, and returns what the first bytes
// say about a file that is not text.
func (s *source) skipMark() (why string) {
	const most = 4
	head, _ := s.from.Peek(most) // a short file has less, and its error comes again
	begins := func(with string) bool { return len(head) >= len(with) && string(head[:len(with)]) == with }
	switch {
	case begins("\xef\xbb\xbf"):
		n, _ := s.from.Discard(3) //nolint:mnd // the mark's length
		s.read += int64(n)
		s.shift += int64(n)
	case begins("\xff\xfe"), begins("\xfe\xff"):
		return "it is UTF-16 text: save it as UTF-8"
	case begins("PK\x03\x04"):
		return "it is a zip file: unpack it, and give the .har inside"
	case begins("\x1f\x8b"):
		return "it is compressed with gzip: unpack it first"
	case begins("<"):
		return "it is a page of HTML or XML"
	}
	return ""
}

// Read implements [io.Reader].
func (s *source) Read(p []byte) (int, error) {
	for {
		switch {
		case s.read > MaxFile:
			return 0, errLarge
		case s.given-s.entry > maxEntry:
			return 0, errEntry
		}
		n, err := s.from.Read(p)
		s.read += int64(n)
		kept := s.filter(p[:n])
		if kept > 0 || err != nil || len(p) == 0 {
			return kept, err
		}
	}
}

// filter moves what the decoder gets to the front of p.
func (s *source) filter(p []byte) int {
	kept := 0
	for i := 0; i < len(p); {
		if s.inString && s.escape == 0 {
			if n := plain(p[i:]); n > 0 {
				k := s.run(n)
				kept += copy(p[kept:], p[i:i+k])
				i += n
				continue
			}
		}
		c := p[i]
		i++
		if s.drop(c) {
			continue
		}
		p[kept] = c
		kept++
		s.given++
		if c == '\n' {
			s.ends = append(s.ends, s.given)
		}
	}
	return kept
}

// plain returns how many bytes of a string come before its end or an escape. It
// looks no farther than a window: a text full of escapes is to cost no more.
func plain(p []byte) int {
	const window = 512
	p = p[:min(len(p), window)]
	if n := bytes.IndexByte(p, '"'); n >= 0 {
		p = p[:n]
	}
	if n := bytes.IndexByte(p, '\\'); n >= 0 {
		p = p[:n]
	}
	return len(p)
}

// run adds n plain bytes of a string and returns how many of them the decoder gets.
func (s *source) run(n int) int {
	k := 0
	if !s.cut {
		k = min(n, max(0, maxString-s.length))
	}
	s.length += n
	s.given += int64(k)
	if k < n {
		s.cut = true
		s.dropped(n - k)
	}
	return k
}

// drop follows the strings of the file and reports whether c is of an end that
// is left out.
func (s *source) drop(c byte) bool {
	if !s.inString {
		s.inString = c == '"'
		s.length, s.escape, s.cut = 0, 0, false
		return false
	}
	s.length++
	switch {
	case s.escape > 0:
		s.escape--
		if s.escape == 0 && c == 'u' {
			s.escape = -4
		}
	case s.escape < 0:
		s.escape++
	case c == '"':
		s.inString = false
		return false
	case c == '\\':
		s.escape = 1
		s.cut = s.cut || s.length > maxString
	}
	if s.cut {
		s.dropped(1)
	}
	return s.cut
}

// dropped notes that n bytes are left out.
func (s *source) dropped(n int) {
	if last := len(s.drops) - 1; last >= 0 && s.drops[last].at == s.given {
		s.drops[last].bytes += int64(n)
		return
	}
	s.drops = append(s.drops, drop{s.given, int64(n)})
}

// mark says that no place before offset is asked for from now on, and that the
// next entry begins there.
func (s *source) mark(offset int64) {
	s.entry = offset
	n := 0
	for n < len(s.ends) && s.ends[n] <= offset {
		n++
	}
	s.line += n
	s.ends = append(s.ends[:0], s.ends[n:]...)
	n = 0
	for n < len(s.drops) && s.drops[n].at <= offset {
		s.shift += s.drops[n].bytes
		n++
	}
	s.drops = append(s.drops[:0], s.drops[n:]...)
}

// place returns line and byte in the file of what the decoder calls offset.
func (s *source) place(offset int64) (line int, at int64) {
	line, at = s.line, offset+s.shift
	for _, end := range s.ends {
		if end <= offset {
			line++
		}
	}
	for _, d := range s.drops {
		if d.at <= offset {
			at += d.bytes
		}
	}
	return line, at
}
