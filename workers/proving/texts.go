package proving

// texts are the words of the page in one language.
type texts struct{ Title, Ask, Label, Button, Wrong, Safe, Done, Over, Often, Broken string }

// textsOf are the words in a language.
func textsOf(tag string) texts {
	if tag == chinese {
		return texts{
			Title: "输入验证码", Ask: "我们刚刚把一个 6 位验证码发到了您的一个已知地址，10 分钟内有效。", Label: "验证码", Button: "提交", Wrong: "验证码不正确，请核对后重新输入。",
			Safe: "这是我们自己发的验证码，仅用于本次核实。请不要在这里填写银行或其他公司的验证码。如果您没有联系过我们，请关闭本页。",
			Done: "谢谢，已确认是您本人。您可以关闭本页，回到对话中。", Over: "这个链接不再需要验证码。如果客服还在等，请回到对话中告诉他。",
			Often: "请求太频繁，请稍等一分钟再试。", Broken: "现在无法处理，请几秒后重试。",
		}
	}
	return texts{
		Title: "Enter the code", Ask: "We have just sent a code of six digits to an address of yours that we know. It is good for 10 minutes.", Label: "Code", Button: "Send", Wrong: "That is not the code. Please look again.",
		Safe: "It is a code of ours, for this alone. Enter no code of a bank or of another company here. If you have not written to us, close this page.",
		Done: "Thank you. We know now that it is you. You can close this page and go back to the conversation.", Over: "No code is asked for at this link, or no longer. If our agent still waits for it, say so in the conversation.",
		Often: "That was too often. Please wait a minute and try again.", Broken: "This could not be done now. Please try again in a few seconds.",
	}
}
