package share

import (
	"fmt"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
)

// A link is a group key sealed to one member (spec, Section 9.6). Nobody signs
// it: the chain commits to the key, so a link with another key is refused, and
// whoever has the key can make a link that was lost.

const (
	sealedLinkSize = box.PublicOverhead + box.KeySize
	linkSize       = wire.HeadingSize + idSize + 4 + sealedLinkSize
)

// linkPlace is what a link is bound to.
func linkPlace(s state, generation uint32, to keys.AccountID, statement [32]byte) []byte {
	at, _ := s.start(generation)
	place := wire.AppendUint32(s.c.facts[at.seq].hash[:], generation)
	return append(append(place, to[:]...), statement[:]...)
}

// sealLink makes the link for a person.
func sealLink(k *groupKey, place []byte, to *person) ([]byte, error) {
	pub, err := to.sealKey()
	if err != nil {
		return nil, keys.ErrMalformed
	}
	sealed, err := box.SealTo(pub, label.GroupLink, place, secret.Open(k.material))
	if err != nil {
		return nil, keys.ErrMalformed
	}
	out := append(make([]byte, 0, linkSize), wire.AppendHeading(nil, wire.Link)...)
	out = wire.AppendUint32(append(out, k.id[:]...), k.generation)
	return append(out, sealed...), nil
}

// sealLinks makes the links for members, on all cores.
func sealLinks(l *Log, k *groupKey, members []span) (map[keys.AccountID][]byte, error) {
	places := read(l, func(s state) [][]byte {
		places := make([][]byte, len(members))
		for i, m := range members {
			places[i] = linkPlace(s, k.generation, m.person.id, m.person.statement(m.person.epoch()))
		}
		return places
	})
	sealed := make([][]byte, len(members))
	err := each(len(members), func(i int) (err error) {
		sealed[i], err = sealLink(k, places[i], members[i].person)
		return err
	})
	if err != nil {
		return nil, err
	}
	links := make(map[keys.AccountID][]byte, len(members))
	for i, m := range members {
		links[m.person.id] = sealed[i]
	}
	return links, nil
}

// readLink reads the public part of a link.
func readLink(link []byte) (id keys.GroupID, generation uint32, sealed []byte, err error) {
	r, err := wire.Read(link, wire.Link, linkSize)
	if err != nil {
		return id, 0, nil, err
	}
	r.Fill(id[:])
	generation, sealed = r.Uint32(), r.Bytes(sealedLinkSize)
	return id, generation, sealed, r.End()
}

// checkLink checks the public part of a link against the newest state.
func (s state) checkLink(link []byte) (sealed []byte, err error) {
	id, generation, sealed, err := readLink(link)
	switch newest := s.fact().generation; {
	case err != nil:
	case id != s.c.id:
		err = keys.ErrMismatch
	case generation > newest:
		err = keys.ErrBehind
	case generation < newest:
		err = keys.ErrRollback
	}
	if err != nil {
		return nil, fmt.Errorf("share: link: %w", err)
	}
	return sealed, nil
}

// openLink opens a link of the newest generation for one of its members. It was
// sealed to the newest keys of the member that the chain knew then, so older
// ones are tried too.
func openLink(l *Log, me ring.Private, link []byte) (k *groupKey, commitment [32]byte, err error) {
	l.c.mu.RLock()
	defer l.c.mu.RUnlock()
	sealed, err := l.checkLink(link)
	if err != nil {
		return nil, commitment, err
	}
	id, generation := keys.AccountID(me.Public().ID), l.fact().generation
	at, _ := l.start(generation)
	known := l.known(id)
	if known == nil {
		return nil, commitment, fmt.Errorf("share: link: %w", keys.ErrOpen)
	}
	for e := int(known.epoch()); e >= 0; e-- {
		place := linkPlace(l.state, generation, id, known.statement(uint32(e)))
		material, err := me.Open(uint32(e), label.GroupLink, place, sealed)
		if err != nil {
			continue
		}
		if k := checkedKey(l.c.id, generation, material, at.commitment); k != nil {
			return k, at.commitment, nil
		}
		break
	}
	return nil, commitment, fmt.Errorf("share: link: %w", keys.ErrOpen)
}
