"""How people reach the bot; today a web socket."""
