"""Who may open what: every address of the site × every seat. The promises' table "Who may what" is its source.

A cell is two letters, the answer to a GET and to a POST with nothing in it:

    y  the page (a POST may also lead on)       r  leads elsewhere       s  sign in first
    n  not allowed here                         .  not there             m  not by this method
    g  a link whose time is over                -  a no of either kind   (not there, or not allowed)

A line with two cells says: a visitor, and everybody who is signed in. The admin's pages of tables (list, add, change,
delete, history) follow the table of rights and stand here only where they answer otherwise.
"""

# vi visitor · st stranger, signed in · ap applicant · mr mentor · me mentee · li contact person · co committee
# ch chair · de deputy · mb membership office · of office · sa site administrator · xc chair of the other program
SEATS = ("vi", "st", "ap", "mr", "me", "li", "co", "ch", "de", "mb", "of", "sa", "xc")

PAGES = """
                               vi st ap mr me li co ch de mb of sa xc
# everybody's
home                           ym ym
program                        ym ym
program_write                  my my
accent                         ym ym
who_reads_what                 ym ym
accessibility                  ym ym
my                             ss ym
my_mail                        ss y.
health                         ym ym

# applying is everybody's; an application is its owner's, whatever seat somebody else holds
apply                          ss yy
apply_section                  ss yy
application                    ss .m ym .m .m .m .m .m .m .m .m .m .m
application_claim              ss m. my m. m. m. m. m. m. m. m. m. m.
application_change             ss .. yy .. .. .. .. .. .. .. .. .. ..
application_withdraw           ss .. yy .. .. .. .. .. .. .. .. .. ..
application_keep               ss m. my m. m. m. m. m. m. m. m. m. m.
workshops                      ss .m ym .m .m .m .m .m .m .m .m .m .m
listed                         ss .. .. yy .. .. .. .. .. .. .. .. ..
listed_round                   ss .. .. yy .. .. .. .. .. .. .. .. ..
application_waiting            ss .. yy .. .. .. .. .. .. .. .. .. ..
application_reopen             ss m. my m. m. m. m. m. m. m. m. m. m.

# the pair's: the two of them and nobody else
mentorship                     ss .m .m ym ym .m .m .m .m .m .m .m .m
mentorship_plan                ss .. .. yy yy .. .. .. .. .. .. .. ..
mentorship_dates               ss .m .m ym ym .m .m .m .m .m .m .m .m
mentorship_ask                 ss .. .. yy yy .. .. .. .. .. .. .. ..
mentorship_take_back           ss m. m. m. my m. m. m. m. m. m. m. m.
check_in                       ss .. .. .. yy .. .. .. .. .. .. .. ..
next_step                      ss .. .. .. yy .. .. .. .. .. .. .. ..
extension                      ss .. .. .. yy .. .. .. .. .. .. .. ..
offer                          ss .. .. yy .. .. .. .. .. .. .. .. ..
evaluation                     ss .. .. .. yy .. .. .. .. .. .. .. ..
evaluation_afterwards          ss .. .. .. .. .. .. .. .. .. .. .. ..

letter_ask                     ss .. .. yy .. .. .. .. .. .. .. .. ..
letter_pdf                     ss .m .m ym .m .m .m ym ym .m .m .m .m
letter                         ym ym
letter_check                   ym ym

# by a mailed link: whoever holds it
application_agree              yy yy
application_waiting_by_link    yy yy
listed_answer                  yy yy
workshops_by_link              ym ym
check_in_answer                yy yy
leave_mail                     yy yy
mail_events                    m. m.
offer_by_link                  yy yy
extension_answer               yy yy
next_step_answer               yy yy
evaluation_by_link             yy yy
evaluation_afterwards_by_link  yy yy

# the committee's door
admin:index                    ss ss ss ss ss yy yy yy yy rr rr rr yy
admin:login                    ss rr rr rr rr rr rr rr rr rr rr rr rr
admin:logout                   rr rr rr rr rr my my my my my my my my
admin:set_up                   ss ss ss ss ss yy yy yy yy yy yy yy yy
admin:sender                   ss ss ss ss ss nn nn yy yy nn yy yy yy
admin:put_away                 ss ss ss ss ss my my my my my my my my
admin:year_ahead               ss ss ss ss ss ym ym ym ym .m .m .m .m
admin:app_list                 ss ss ss ss ss yy yy yy yy yy yy yy yy
admin:autocomplete             ss ss ss ss ss nm nm nm nm nm nm nm nm
admin:jsi18n                   ss ss ss ss ss ym ym ym ym ym ym ym ym
(admin/(?P<url>.*)$)           ss ss ss ss ss .. .. .. .. .. .. .. ..

# applications: the committee's; the office for memberships answers one question and reads no answers
admin:programs_application_changelist  ss ss ss ss ss nn yy yy yy nn nn nn yy
admin:programs_application_read        ss ss ss ss ss .. yy yy yy .. .. .. ..
admin:programs_application_decide      ss ss ss ss ss m. my my my m. m. m. m.
admin:programs_application_on_behalf   ss ss ss ss ss .. yy yy yy .. .. .. ..
admin:programs_application_change      ss ss ss ss ss rr rr rr rr rr rr rr rr
admin:programs_exception               ss ss ss ss ss m. mn my my m. m. m. m.
admin:programs_waiting                 ss ss ss ss ss nm ym ym ym nm nm nm ym
admin:programs_waiting_ask             ss ss ss ss ss m. my my my m. m. m. m.
admin:programs_places_count            ss ss ss ss ss mn my my my m. m. m. m.
admin:programs_is_this_a_member        ss ss ss ss ss nm nm ym ym ym nm nm ym
admin:programs_answer_member           ss ss ss ss ss m. m. m. m. m. m. m. m.
admin:programs_attendance              ss ss ss ss ss nn yy yy yy .. .. .. ..
admin:programs_training_missing        ss ss ss ss ss nm ym ym ym nm nm nm ym
admin:programs_question_preview        ss ss ss ss ss yy yy yy yy .. .. .. ..

# matching
admin:matching_desk                    ss ss ss ss ss .. yy yy yy .. .. .. ..
admin:matching_announce                ss ss ss ss ss .. yy yy yy .. .. .. ..
admin:matching_offers                  ss ss ss ss ss .m ym ym ym .m .m .m .m
admin:matching_offer                   ss ss ss ss ss .. yy yy yy .. .. .. ..
admin:matching_export                  ss ss ss ss ss .m ym ym ym .m .m .m .m
admin:matching_match_changelist        ss ss ss ss ss nn yy yy yy nn nn nn yy

# pairs: the contact person the assigned ones; ending is the chair's and the deputy's
admin:mentorships_pairs                ss ss ss ss ss ym ym ym ym nm nm nm ym
admin:mentorships_pair                 ss ss ss ss ss ym ym ym ym .m .m .m .m
admin:mentorships_told                 ss ss ss ss ss my my my my m. m. m. m.
admin:mentorships_end                  ss ss ss ss ss mn mn my my m. m. m. m.
admin:mentorships_contacts             ss ss ss ss ss nn yy yy yy nn nn nn yy
admin:mentorships_contact              ss ss ss ss ss mn my my my m. m. m. m.
admin:mentorships_topics_lay_out       ss ss ss ss ss m. m. m. m. m. m. m. m.
admin:mentorships_topic_preview        ss ss ss ss ss ym ym ym ym .m .m .m .m
admin:mentorships_mentorship_changelist ss ss ss ss ss rr rr rr rr rr rr rr rr
admin:mentorships_mentorship_change    ss ss ss ss ss rr rr rr rr rr rr rr rr
admin:mentorships_request_changelist   ss ss ss ss ss nn yy yy yy nn nn nn yy
admin:mentorships_request_change       ss ss ss ss ss .. yy yy yy .. .. .. ..

# evaluations: figures for those who look after a program, the answers for its chair and deputy
admin:evaluations_serviceletter_changelist ss ss ss ss ss nn nn yy yy nn nn nn yy
admin:evaluations_serviceletter_change ss ss ss ss ss .. .. .. .. .. .. .. ..
admin:evaluations_letters_sign ss ss ss ss ss mn mn my my mn mn mn my
admin:evaluations_letter_refuse ss ss ss ss ss m. m. my my m. m. m. m.
admin:evaluations_letter_revoke ss ss ss ss ss m. m. my my m. m. m. m.
admin:evaluations_report               ss ss ss ss ss ym ym ym ym nm ym ym ym
admin:evaluations_receipt_changelist   ss ss ss ss ss rr rr rr rr rr rr rr rr
admin:evaluations_receipt_change       ss ss ss ss ss .. .. .. .. .. .. .. ..
admin:evaluations_response_changelist  ss ss ss ss ss nn nn yy yy nn nn nn yy
admin:evaluations_response_change      ss ss ss ss ss .. .. .. .. .. .. .. ..

# people, memberships, mail, the history
admin:members_bring_in                 ss ss ss ss ss nn nn yy yy yy nn yy yy
admin:members_membership_changelist    ss ss ss ss ss nn yy yy yy yy yy nn yy
admin:members_user_changelist          ss ss ss ss ss nn nn nn nn nn nn yy nn
admin:members_entry_changelist         ss ss ss ss ss nn yy yy yy nn yy yy yy
admin:mail_message_changelist          ss ss ss ss ss nn yy yy yy nn nn yy yy
admin:own_texts                        ss ss ss ss ss nm ym ym ym nm nm nm .m
admin:own_text                         ss ss ss ss ss nn yy yy yy nn nn nn ..
admin:year_mails                       ss ss ss ss ss nn yy yy yy nn nn nn ..
admin:write_to                         ss ss ss ss ss nn yy yy yy .. .. .. ..
admin:letters                          ss ss ss ss ss nm ym ym ym nm nm nm ym
admin:letter                           ss ss ss ss ss .. yy yy yy .. .. .. ..
admin:mail_stop                        ss ss ss ss ss nn nn yy yy nn yy yy ..
admin:mail_resolve                     ss ss ss ss ss m. mn my my m. m. mn m.

# what a cycle in use holds together is not deleted
admin:programs_cycle_delete            ss ss ss ss ss nn nn nn nn .. .. .. ..
admin:programs_question_delete         ss ss ss ss ss nn nn nn nn .. .. .. ..

# signing in and one's own account: ours, then allauth's own pages
account                                ss yy
account_login                          yy rr
sign_in_link                           gg gg
sign_in_with_password                  yy rr
account_request_login_code             ss ss
account_confirm_login_code             ss rr
account_signup                         ss ss
account_logout                         rr yy
account_inactive                       ym ym
account_reauthenticate                 ss nn
account_email                          ss yy
account_email_verification_sent        ss rr
account_change_password                ss rr
account_set_password                   ss yy
account_reset_password                 yy yy
account_reset_password_done            ym ym
account_reset_password_from_key        yy yy
account_reset_password_from_key_done   ym ym
mfa_index                              ss ym
mfa_authenticate                       ss rr
mfa_reauthenticate                     ss nn
mfa_activate_totp                      ss yy
mfa_deactivate_totp                    ss ..
mfa_view_recovery_codes                ss .m
mfa_generate_recovery_codes            ss yy
mfa_download_recovery_codes            ss ..
mfa_list_webauthn                      ss ym
mfa_add_webauthn                       ss yy
mfa_reauthenticate_webauthn            ss nn
mfa_remove_webauthn                    ss ..
mfa_edit_webauthn                      ss ..
usersessions_list                      ss yy
"""

# What anybody may read of any program: what is said of a program's rows to those of another does not hold here.
PUBLIC = {
    "home", "letter", "letter_check", "program", "program_write", "accent", "apply", "apply_section",
    "application_agree", "application_waiting_by_link", "listed_answer", "workshops_by_link", "check_in_answer",
    "offer_by_link", "extension_answer", "next_step_answer", "evaluation_by_link", "evaluation_afterwards_by_link",
    "leave_mail",
}  # fmt: skip
# Django leads on by a row's number without looking whether there is a row: the page behind it looks.
LEADS_ON = {
    "admin:programs_application_change",
    "admin:mentorships_mentorship_change",
}


def table() -> dict[str, dict[str, str]]:
    """Address → seat → cell."""
    found = {}
    for line in PAGES.splitlines()[2:]:
        if not line or line.startswith("#"):
            continue
        name, *cells = line.split()
        if len(cells) == 2:
            cells = [cells[0], *cells[1:] * (len(SEATS) - 1)]
        found[name] = dict(zip(SEATS, cells, strict=True))
    return found
