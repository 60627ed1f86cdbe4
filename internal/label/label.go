// Package label holds every domain-separation string of the formats, in one
// table (spec, Section 2.4). A key is derived, a box is bound, a statement is
// signed under exactly one of them, so that nothing made for one purpose is of
// use for another.
package label

// A Label names one purpose. No label is a prefix of another.
type Label string

// The labels of package box: the two ways to encrypt.
const (
	HPKE Label = "sealkin/v1/hpke" // HPKE info of everything sealed to a public key
)

// The labels of package keys: from a secret of the person to a credential.
const (
	PassphraseSalt Label = "sealkin/v1/credential/passphrase-salt"
	CodeSecret     Label = "sealkin/v1/credential/code"
	DeviceSecret   Label = "sealkin/v1/credential/device"
	LoginHalf      Label = "sealkin/v1/credential/login"
	UnlockHalf     Label = "sealkin/v1/credential/unlock"
	SlotID         Label = "sealkin/v1/credential/slot-id"
	SlotKEM        Label = "sealkin/v1/credential/slot-kem"
	SlotAnchorKey  Label = "sealkin/v1/credential/anchor-key"
)

// The labels of package keys: accounts.
const (
	AccountID           Label = "sealkin/v1/account/id"
	AccountKEM          Label = "sealkin/v1/account/kem"
	AccountSign         Label = "sealkin/v1/account/sign"
	AccountDocuments    Label = "sealkin/v1/account/documents"
	AccountBookmarks    Label = "sealkin/v1/account/bookmarks"
	AccountKeySlot      Label = "sealkin/v1/account/slot"
	AccountSeeds        Label = "sealkin/v1/account/seeds"
	AccountRecord       Label = "sealkin/v1/account/record"
	AccountAnchor       Label = "sealkin/v1/account/anchor"
	AccountTrustee      Label = "sealkin/v1/account/trustee"
	StatementHash       Label = "sealkin/v1/identity/statement-hash"
	StatementSelf       Label = "sealkin/v1/identity/self-signature"
	StatementSuccession Label = "sealkin/v1/identity/succession-signature"
)

// The labels of package srp.
const (
	SRPX          Label = "sealkin/v1/srp/x"
	SRPTranscript Label = "sealkin/v1/srp/transcript"
	SRPClient     Label = "sealkin/v1/srp/client-proof"
	SRPServer     Label = "sealkin/v1/srp/server-proof"
	SRPSession    Label = "sealkin/v1/srp/session"
	SRPExport     Label = "sealkin/v1/srp/export"
	SRPToken      Label = "sealkin/v1/srp/token"
	SRPState      Label = "sealkin/v1/srp/state"
	SRPFake       Label = "sealkin/v1/srp/fake"
)

// The labels of package envelope.
const (
	Document          Label = "sealkin/v1/document/box"
	DocumentSignature Label = "sealkin/v1/document/signature"
	DocumentContent   Label = "sealkin/v1/document/content"
)

// The labels of package share.
const (
	GroupID        Label = "sealkin/v1/group/id"
	EntryHash      Label = "sealkin/v1/group/entry-hash"
	EntrySignature Label = "sealkin/v1/group/entry-signature"
	RedeemConsent  Label = "sealkin/v1/group/redeem-signature"
	GroupCommit    Label = "sealkin/v1/group/key-commitment"
	GroupDocuments Label = "sealkin/v1/group/key-documents"
	GroupPrevious  Label = "sealkin/v1/group/key-previous"
	GroupOldKey    Label = "sealkin/v1/group/old-key"
	GroupLink      Label = "sealkin/v1/group/link"
	GroupBookmark  Label = "sealkin/v1/group/bookmark"
	GroupSnapshot  Label = "sealkin/v1/group/snapshot"
	InvitationSeed Label = "sealkin/v1/group/invitation"
)
