//! Every word of the pages in both languages.

ssbtek_present::texts! {
    service: "SSBTEK", "SSBTEK";
    skip: "Till innehållet", "To the content";
    menu: "Meny", "Menu";
    my_cases: "Mina ärenden", "My cases";
    sign_in: "Logga in", "Sign in";
    sign_out: "Logga ut", "Sign out";
    other_language: "In English", "På svenska";
    not_covered_foot: "Svar sparas inte. Vem som frågat om vem står i nämndens logg.",
        "Answers are not kept. Who asked about whom stands in the board's log.";

    welcome_title: "Frågor om ekonomiskt bistånd, ställda en gång", "Questions of ekonomiskt bistånd, asked once";
    welcome_lead: "Här frågar en handläggare Arbetsförmedlingen, CSN, Försäkringskassan, Pensionsmyndigheten, Skatteverket, a-kassorna, Transportstyrelsen och Migrationsverket på en gång om en person i ett eget ärende, och får ett svar.",
        "Here a case worker asks Arbetsförmedlingen, CSN, Försäkringskassan, Pensionsmyndigheten, Skatteverket, the unemployment funds, Transportstyrelsen and Migrationsverket at once about one person in a case of her own, and gets one answer.";
    welcome_for: "För vem", "For whom";
    welcome_for_text: "För handläggare av ekonomiskt bistånd hos en nämnd som är ansluten, och som nämndens administratör har gett ett konto.",
        "For case workers of ekonomiskt bistånd at a connected board, whom the board's administrator has given an account.";
    welcome_how: "Så går det till", "How it works";
    welcome_how_1: "Logga in med din e-legitimation i tjänsten.", "Sign in with your e-ID for work.";
    welcome_how_2: "Skriv ärendets nummer. Bara den som ärendet är tilldelat kan öppna det.",
        "Type the case's number. Only whoever it is assigned to can open it.";
    welcome_how_3: "Välj vem i hushållet, vilken tid och vilka myndigheter. Svaret fylls i allt eftersom de svarar; det som saknas sägs med orsak.",
        "Choose who in the household, which time and which agencies. The answer fills in as they answer; what is missing is told with the reason.";
    welcome_law: "Varje fråga loggas innan någon tillfrågas, och varje svar innan det visas. Nämnden granskar loggen (2001:454 10 §), och den som har frågats om har rätt att få veta det. Svaren sparas inte.",
        "Every question is logged before anybody is asked, and every answer before it is shown. The board reviews the log (2001:454 10 §), and whoever was asked about may know. Answers are not kept.";
    signed_out_title: "Du är utloggad", "You are signed out";
    signed_out_text: "Ingenting om någon person finns kvar på sidan. Stäng webbläsaren om andra använder datorn.",
        "Nothing about any person is left on the page. Close the browser if others use the computer.";
    nothing_to_ask_title: "Inloggad", "Signed in";
    nothing_to_ask: "Ditt konto ställer inga frågor i ärenden, och det är det som de här sidorna är till för. Den som granskar loggen eller administrerar konton gör det med programmet ssbtek.",
        "Your account asks no questions in cases, and that is what these pages are for. Whoever reviews the log or administers accounts does so with the program ssbtek.";

    case_number: "Ärendets nummer", "The case's number";
    case_number_hint: "Som i ert ärendesystem, till exempel EB-2026-0001", "As in your case system, such as EB-2026-0001";
    open_case: "Öppna ärendet", "Open the case";
    lately: "Ärenden du nyss frågat i", "Cases you asked in lately";
    none_lately: "Du har inte frågat i något ärende ännu.", "You have not asked in any case yet.";
    search_logged: "Att ett ärende öppnas loggas, även när det nekas.", "That a case is opened is logged, also where it is refused.";

    case_title(case): "Ärende {case}", "Case {case}";
    people: "Vem gäller frågan?", "Whom is the question about?";
    nobody: "Ingen i ärendet kan visas i dag.", "Nobody in the case can be shown today.";
    time: "Vilken tid?", "Which time?";
    from: "Från och med", "From";
    to: "Till och med", "To";
    time_hint: "Varje myndighet frågas om så mycket av tiden som den svarar för.", "Each agency is asked about as much of the time as it answers for.";
    agencies: "Vilka myndigheter?", "Which agencies?";
    agencies_hint: "Ta bort dem som inte behövs. Om den som inte frågas är ingenting känt.",
        "Take away those that are not needed. Of those not asked, nothing is known.";
    month_by: "Vilken månad hör en betalning till?", "Which month does a payment belong to?";
    by_day: "Den då den betalas ut", "The one in which it is paid";
    by_period: "Den som den avser", "The one that it covers";
    by_hint: "Båda datumen visas alltid.", "Both dates are always shown.";
    ask: "Fråga", "Ask";
    ask_logged: "Frågan loggas innan någon tillfrågas.", "The question is logged before anybody is asked.";
    protected_band: "Skyddade personuppgifter", "Protected identity";
    protected_in_case: "Nämnden vet att minst en person i ärendet har skyddade personuppgifter. Lämna inte ut var någon i hushållet finns, och låt ingen annan se sidan.",
        "The board knows that at least one person in the case has a protected identity. Tell nobody where anybody of the household is, and let nobody else see this page.";
    protected_person: "Nämnden vet att personen har skyddade personuppgifter. Lämna inte ut var personen finns, och låt ingen annan se sidan.",
        "The board knows that the person has a protected identity. Tell nobody where the person is, and let nobody else see this page.";
    protected_answer: "Läs detta innan du läser svaret.", "Read this before you read the answer.";
    protected_mark: "skyddad", "protected";

    asked_about(from, to): "Frågat om {from} till {to}", "Asked about {from} to {to}";
    asking: "Myndigheterna tillfrågas. De visas nedan i den ordning de svarar; sedan visas hela svaret på samma sida.",
        "The agencies are being asked. They are shown below in the order in which they answer; then the whole answer is shown on this page.";
    not_settled: "Om någon har skyddade personuppgifter är känt först när alla har svarat. Behandla personen som skyddad så länge.",
        "Whether anybody has a protected identity is known only when all have answered. Treat the person as protected until then.";
    arriving: "Svarar just nu", "Answering now";
    done: "Klart. Hela svaret står nedanför.", "Done. The whole answer stands below.";
    after_ms(seconds): "{seconds} s", "{seconds} s";
    who_answered: "Vem har svarat", "Who has answered";
    summary: "I korthet", "In short";
    ask_again(name): "Fråga {name} igen", "Ask {name} again";
    ask_all_again: "Fråga igen dem som inte svarade", "Ask again those who did not answer";
    payments: "Betalningar", "Payments";
    payments_caption: "Nyast först. Varje rad är en betalning så som källan anger den; ingenting är hopräknat.",
        "Newest first. Each line is a payment as the source states it; nothing is added up.";
    no_payments: "Ingen källa har angett någon betalning.", "No source has stated any payment.";
    more_of_payment: "delar, källa och grund", "parts, source and ground";
    facts: "Uppgifter från myndigheterna", "Facts from the agencies";
    more_facts(count): "Visa {count} till", "Show {count} more";
    how_asked: "Hur det frågades", "How it was asked";
    logged: "Loggat", "Logged";
    receipt_details: "Kvittots innehåll", "What the receipt holds";
    receipt_hint: "Kvittot kan sparas och kontrolleras när som helst, också utan den här tjänsten (tests/verify/FORMAT.md).",
        "The receipt can be kept and checked at any time, also without this service (tests/verify/FORMAT.md).";
    another_question: "Till ärendet, för en ny fråga", "To the case, for another question";
    back_to_case: "Till ärendet", "To the case";
    to_start: "Till första sidan", "To the first page";

    cut_title: "Svaret kom inte till slut", "The answer did not come to its end";
    over_title: "Svaret finns inte kvar", "The answer is not there any more";
    over_text: "Svar sparas inte. Fråga igen om du behöver det; det blir en ny fråga i loggen.",
        "Answers are not kept. Ask again if you need it; it will be another question in the log.";

    instructions_title: "Läs och bekräfta instruktionerna", "Read and confirm the instructions";
    instructions_why: "Du har inte bekräftat den version av instruktionerna som gäller nu. Ingen fråga kan ställas innan du har gjort det.",
        "You have not confirmed the version of the instructions that is in force. No question can be asked before you have.";
    instructions_version(version): "Version {version}", "Version {version}";
    confirm: "Jag har läst och följer instruktionerna", "I have read and follow the instructions";

    trouble: "Det gick inte", "That did not work";
    refused_title: "Nekat", "Refused";
    not_allowed: "Det är inte tillåtet.", "That is not allowed.";
    board_not_in_force: "Nämndens anslutning är inte i kraft.", "The board's connection is not in force.";
    sub_processor: "Nämnden har inte godkänt leverantörens alla underbiträden.", "The board has not approved all of the provider's sub-processors.";
    account_may_not: "Kontot är spärrat, eller får inte göra detta.", "The account is blocked, or may not do this.";
    sign_in_leads_nowhere: "Din inloggning leder inte längre till något konto hos nämnden.", "Your sign-in no longer leads to an account of the board.";
    session_ended: "Du är inte inloggad längre.", "You are not signed in any more.";
    no_such_case: "Inget sådant ärende är tilldelat dig.", "No such case is assigned to you.";
    case_closed: "Ärendet är avslutat.", "The case is closed.";
    case_lapsed: "Det preliminära ärendet har upphört, eftersom det inte bekräftades.", "The provisional case has lapsed, since it was not confirmed.";
    person_not_in_case: "Personen ingår inte längre i ärendet, eller har en annan roll där.", "The person is not in the case any more, or has another role there.";
    person_restricted: "Uppgifterna om personen är begränsade: ingen får fråga om den just nu.", "The person's data are restricted: nobody may ask about the person now.";
    no_agency: "Ingen av myndigheterna får tillfrågas i ärendet i dag.", "None of the agencies may be asked in this case today.";
    instructions_first: "Instruktionerna måste bekräftas först.", "The instructions must be confirmed first.";
    outside_hours: "Nämnden ställer inga frågor vid den här tiden.", "The board does not ask at this hour.";
    too_many_questions: "Du har ställt så många frågor som nämnden tillåter under en timme.", "You have asked as many questions as the board allows within an hour.";
    facts_changed: "Något som frågan vilar på ändrades under tiden, så inget mer av svaret visas.",
        "Something that the question rests on was changed meanwhile, so nothing more of the answer is shown.";
    sent_twice: "Formuläret är redan skickat.", "The form has been sent already.";
    sent_twice_what: "Ingenting har gjorts en andra gång. Gå tillbaka till första sidan och börja därifrån.",
        "Nothing was done a second time. Go back to the first page and begin there.";
    ask_administrator: "Nämndens administratör kan säga varför.", "The board's administrator can tell why.";
    sign_in_again: "Logga in igen.", "Sign in again.";
    check_case_number: "Kontrollera numret, och att ärendet är fördelat på dig.", "Check the number, and that the case is assigned to you.";
    open_new_case: "Be att ärendet registreras på nytt om det ska fortsätta.", "Have the case registered anew if it is to go on.";
    look_at_case_again: "Öppna ärendet igen.", "Open the case again.";
    try_later: "Försök senare.", "Try later.";
    ask_anew: "Fråga igen, så blir svaret efter hur det är nu.", "Ask again: the answer will be as things are now.";

    nothing_here: "Här finns ingen sida.", "There is no page here.";
    elsewhere: "Tjänsten nås inte under det namnet.", "The service is not reached by that name.";
    forged: "Formuläret kom inte från en sida som tjänsten har visat dig. Ingenting har gjorts.",
        "The form did not come from a page that the service has shown you. Nothing was done.";
    form_is_old: "Sidan har stått öppen för länge. Ingenting har gjorts: öppna den igen.", "The page has been open for too long. Nothing was done: open it again.";
    not_signed_in: "Du är inte inloggad. Ingenting har gjorts.", "You are not signed in. Nothing was done.";
    malformed: "Formuläret gick inte att läsa. Ingenting har gjorts.", "The form could not be read. Nothing was done.";
    not_held: "Sidan gällde bara i den session där den öppnades, eller är för gammal. Börja från första sidan.",
        "The page was good only in the session in which it was opened, or is too old. Begin at the first page.";
    not_now: "Tjänsten kan inte ta emot detta just nu. Ingenting har frågats eller ändrats. Försök om en stund.",
        "The service cannot take this now. Nothing was asked or changed. Try in a while.";
    too_many: "Så många frågor pågår redan som får pågå samtidigt. Ingenting har frågats. Vänta tills någon är klar.",
        "As many questions are under way as may be at once. Nothing was asked. Wait until one is done.";
    unrecorded: "Svaret kunde inte loggas, och visas därför inte. Myndigheterna kan ha tillfrågats.",
        "The answer could not be logged, and is therefore not shown. The agencies may have been asked.";
    nothing_again: "Ingen av dem behöver frågas igen: alla har svarat.", "None of them need be asked again: all have answered.";
    wrong_field(field): "{field} går inte att använda. Ingenting har frågats: gå tillbaka och rätta.", "{field} cannot be used. Nothing was asked: go back and correct it.";
    field_case: "Ärendets nummer", "The case's number";
    field_person: "Valet av person", "The choice of the person";
    field_from: "Första dagen", "The first day";
    field_to: "Sista dagen", "The last day";
    field_period: "Tiden", "The time";
    field_agencies: "Valet av myndigheter", "The choice of agencies";
    field_version: "Instruktionernas version", "The version of the instructions";
    field_other: "Ett fält", "A field";
    provider_silent: "Den som ska intyga vem du är svarar inte. Försök om en stund, eller säg till den som driver tjänsten.",
        "Whoever is to say who you are does not answer. Try in a while, or tell the operator.";
    assurance: "Inloggningen är inte på den tillitsnivå som krävs. Använd din e-legitimation i tjänsten.",
        "The sign-in is not at the level of assurance that is demanded. Use your e-ID for work.";
    no_account: "Ingen nämnd har gett dig ett konto här. Nämndens administratör kan göra det.",
        "No board has given you an account here. The board's administrator can.";
    sign_in_failed: "Inloggningen gick inte att slutföra: den var påbörjad någon annanstans, avbruten eller för gammal. Försök igen.",
        "The sign-in could not be completed: it was begun elsewhere, given up or too old. Try again.";
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_languages_tell_the_same_things() {
        for (name, swedish, english) in super::TABLE {
            assert!(!swedish.is_empty() && !english.is_empty(), "{name}");
            let braces = |text: &str| text.matches('{').count();
            assert_eq!(braces(swedish), braces(english), "{name}");
        }
    }
}
