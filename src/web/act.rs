//! What an account does about itself: confirming the instructions, in the page, with the text shown.

use ssbtek_registry::Texts;

use crate::{
    pages,
    reply::{Reply, Turn},
    rows::Route,
    site::{Asking, Site},
};

impl Site {
    /// The instructions in force, to be read and confirmed before anything is asked.
    pub(crate) async fn instructions(&self, turn: &Turn) -> Reply {
        let Some(looking) = &turn.session else { return Reply::see("/") };
        let in_force = self.desk.instructions().await;
        let Ok(Some(published)) = in_force else { return Reply::page(503, pages::trouble::not_now(turn)) };
        let Ok(Some(text)) = self.desk.published_text(Texts::Instructions, Some(&published.version)).await
        else {
            return Reply::page(503, pages::trouble::not_now(turn));
        };
        let token = self.form_token(&looking.session, Route::Instructions);
        Reply::page(403, pages::instructions::page(turn, &published.version, &text, &token))
    }

    /// The account itself confirms that version which it was shown.
    pub(crate) async fn confirm(&self, asking: Asking<'_>) -> Reply {
        let version = asking.form.one("version").unwrap_or_default();
        match self.desk.confirm_instructions(&asking.caller(), version).await {
            Ok(_) => Reply::see("/"),
            Err(error) => self.told_of(&asking, error).await,
        }
    }
}
