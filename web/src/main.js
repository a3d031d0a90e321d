const said = document.createElement("p");
said.textContent = "Hinomi";
document.body.append(said);
