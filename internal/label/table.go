package label

// All lists every label, in the order of the constants.
func All() []Label {
	return []Label{
		HPKE,
		PassphraseSalt, CodeSecret, DeviceSecret, LoginHalf, UnlockHalf, SlotID, SlotKEM, SlotAnchorKey,
		AccountID, AccountKEM, AccountSign, AccountDocuments, AccountBookmarks,
		AccountKeySlot, AccountSeeds, AccountRecord, AccountAnchor, AccountTrustee,
		StatementHash, StatementSelf, StatementSuccession,
		SRPX, SRPTranscript, SRPClient, SRPServer, SRPSession, SRPExport, SRPToken, SRPState, SRPFake,
		Document, DocumentSignature, DocumentContent,
		GroupID, EntryHash, EntrySignature, RedeemConsent, GroupCommit, GroupDocuments, GroupPrevious,
		GroupOldKey, GroupLink, GroupBookmark, GroupSnapshot, InvitationSeed,
	}
}
